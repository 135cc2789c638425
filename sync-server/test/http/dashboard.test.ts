import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { createMetrics } from '../../src/http/metrics.ts';
import { createMeters } from '../../src/watching/meters.ts';
import { startRelay } from './relay-fixture.ts';

const file = (name: string): string => readFileSync(new URL(`../../../${name}`, import.meta.url), 'utf8');

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets: readonly { readonly expr: string; readonly datasource: { readonly uid: string } }[];
}

interface Dashboard {
  readonly title: string;
  readonly schemaVersion: number;
  readonly templating: { readonly list: readonly { readonly name: string }[] };
  readonly panels: readonly Panel[];
}

const dashboard = JSON.parse(file('deploy/grafana-dashboard.json')) as Dashboard;
const expressions = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

/** Every family that a relay exports, with its type. */
let exported: ReadonlyMap<string, string>;
beforeAll(async () => {
  const metrics = createMetrics();
  createMeters(metrics);
  const relay = await startRelay({ metrics });
  const { text } = await relay.ask('GET', '/metrics');
  exported = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type]));
  await relay.close();
});

/** The families that a text names; a histogram by any of its series. */
const familiesIn = (text: string): readonly string[] => {
  const names = [...text.matchAll(/\b(?:baton|process)_[a-z_]+\b/g)].map(([name]) => name);
  const histogram = (name: string): string => name.replace(/_(?:bucket|sum|count)$/, '');
  return [...new Set(names.map((name) => (exported.get(histogram(name)) === 'histogram' ? histogram(name) : name)))];
};

describe('deploy/grafana-dashboard.json', () => {
  it('names only metrics that a relay exports, and all of them', () => {
    expect(exported.size).toBeGreaterThan(25);
    expect(familiesIn(expressions.join('\n')).toSorted()).toEqual([...exported.keys()].toSorted());
  });

  it('takes rates of counters, quantiles of histograms, and gauges as they are', () => {
    for (const expr of expressions) {
      for (const name of familiesIn(expr)) {
        const isRate = new RegExp(`rate\\(${name}(?:_bucket|_sum|_count)?[{[]`).test(expr);
        expect(isRate, `${expr} (${name}: ${exported.get(name)})`).toBe(exported.get(name) !== 'gauge');
      }
    }
  });

  it('can be imported anywhere: no data source but the chosen one, panels of their own place', () => {
    expect(dashboard.title).toBe('Baton relay');
    expect(dashboard.templating.list.map(({ name }) => name)).toEqual(['datasource', 'instance']);
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, at) => `${x + (at % w)},${y + Math.floor(at / w)}`),
    );
    expect(new Set(cells).size, 'panels overlap').toBe(cells.length);
    for (const { title, targets, gridPos } of dashboard.panels) {
      expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
      expect(targets.length, title).toBeGreaterThan(0);
      for (const { datasource } of targets) expect(datasource.uid, title).toMatch(/^\$\{datasource\}$/);
    }
  });
});

describe('docs/monitoring.md', () => {
  const page = file('docs/monitoring.md');
  const rows = [...page.matchAll(/^\| (`(?:baton|process)_[^|]+) \| ([^|]+) \|/gm)];

  it('has every metric with its kind, and no other', () => {
    const told = rows.flatMap(([, names = '', kinds = '']) => {
      const families = familiesIn(names);
      const types = kinds.split(',').map((it) => it.trim());
      return families.map((name, at): [string, string] => [name, types[at] ?? types[0] ?? '']);
    });
    expect(Object.fromEntries(told)).toEqual(Object.fromEntries(exported));
  });

  it('has alarms that are about metrics there are', () => {
    const rules = [...page.matchAll(/expr: "(.*)"[ ,}]/g)].map(([, expr = '']) => expr);
    expect(rules.length).toBeGreaterThan(4);
    const names = familiesIn(rules.join('\n'));
    expect(names.length).toBeGreaterThan(4);
    for (const name of names) expect(exported.has(name), name).toBe(true);
  });

  it('names the reasons of /readyz and the option that makes the writer stuck', () => {
    const reasons = file('sync-server/src/storage/storage-health.ts').match(/'[a-z]+-[a-z]+'/g) ?? [];
    expect(reasons.length).toBeGreaterThan(3);
    for (const reason of reasons) expect(page).toContain(`\`${reason.slice(1, -1)}\``);
    expect(page).toContain('--writer-stuck-ms');
  });
});
