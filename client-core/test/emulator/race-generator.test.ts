import { parseIpicoLine, wallToText } from '@baton/schema/reads';
import { describe, expect, it } from 'vitest';
import type { TimedLine } from '../../src/emulator/line-source.ts';
import { faster, raceLines } from '../../src/emulator/race-generator.ts';
import { chipOf, DEMO_RACE, heatMs, raceRoster, rosterCsv } from '../../src/emulator/race-spec.ts';

const until = (source: Iterable<TimedLine>, ms: number): TimedLine[] => {
  const lines: TimedLine[] = [];
  for (const line of source) {
    if (line.atMs >= ms) return lines;
    lines.push(line);
  }
  return lines;
};

const heat = heatMs(DEMO_RACE);
const oneHeat = (reader: string): TimedLine[] => until(raceLines(DEMO_RACE, reader), heat);

interface Said {
  readonly tag: string;
  readonly wall: number;
}

const said = (lines: readonly TimedLine[]): Said[] =>
  lines.map(({ line }) => {
    const parsed = parseIpicoLine(line);
    if (parsed.type !== 'read') throw new Error(parsed.message);
    return { tag: parsed.tag, wall: parsed.wallHundredths };
  });

/** First time said of each chip. */
const firstSeen = (lines: readonly TimedLine[]): Map<string, number> => {
  const first = new Map<string, number>();
  for (const { tag, wall } of said(lines)) first.set(tag, Math.min(wall, first.get(tag) ?? Number.POSITIVE_INFINITY));
  return first;
};

const text = ({ line }: TimedLine): string => Buffer.from(line).toString();

describe('made race', () => {
  it('is the same for the same seed and another for another', () => {
    const texts = (seed: number) =>
      until(raceLines({ ...DEMO_RACE, seed }, 'bridge'), heat).map((it) => `${it.atMs} ${text(it)}`);
    expect(texts(1)).toEqual(texts(1));
    expect(texts(1)).not.toEqual(texts(2));
  });

  it.each(DEMO_RACE.readers.map(({ name }) => name))('%s speaks good IPICO lines, due in order', (reader) => {
    const lines = oneHeat(reader);
    expect(said(lines).length).toBeGreaterThan(600);
    expect(lines.map(({ atMs }) => atMs)).toEqual(lines.map(({ atMs }) => atMs).toSorted((a, b) => a - b));
  });

  it('looks like a real reader: repeats byte for byte, steps backwards, late lines, several chips a second', () => {
    const lines = oneHeat('finish-a');
    const all = said(lines);
    expect(lines.length - new Set(lines.map(text)).size).toBeGreaterThan(50);
    const back = all.filter((it, index) => it.wall < (all[index - 1]?.wall ?? 0));
    expect(back.length).toBeGreaterThan(20);
    const start = Date.parse(`${DEMO_RACE.startAt}Z`);
    const lags = lines.map(({ atMs }, index) => start + atMs - (all[index]?.wall ?? 0) * 10);
    expect(lags.filter((lag) => lag > 17_000 && lag < 23_000).length).toBeGreaterThan(1);
    const busiest = new Map<number, Set<string>>();
    for (const { tag, wall } of said(oneHeat('start'))) {
      const second = Math.floor(wall / 100);
      busiest.set(second, (busiest.get(second) ?? new Set()).add(tag));
    }
    expect(Math.max(...[...busiest.values()].map(({ size }) => size))).toBeGreaterThanOrEqual(3);
  });

  it('nearly every runner is seen at each point, in the order of the course', () => {
    const [start, bridge, finishA, finishB] = ['start', 'bridge', 'finish-a', 'finish-b'].map((it) =>
      firstSeen(oneHeat(it)),
    );
    for (const seen of [start, bridge, finishA, finishB]) {
      expect(seen?.size).toBeGreaterThan(270);
      expect(seen?.size).toBeLessThanOrEqual(300);
    }
    for (const [tag, at] of finishA ?? []) {
      const passed = [start?.get(tag), bridge?.get(tag), at].filter((it) => it !== undefined);
      expect(passed).toEqual(passed.toSorted((a, b) => a - b));
    }
    expect(new Set([...(finishA ?? []), ...(finishB ?? [])].map(([tag]) => tag)).size).toBeGreaterThan(295);
  });

  it('starts at its time, and goes on for ever: the field starts again', () => {
    const first = said(oneHeat('start'))[0];
    expect(wallToText(first?.wall ?? 0)).toMatch(/^2026-05-10T10:00:0\d/);
    const three = until(raceLines(DEMO_RACE, 'start'), 3 * heat);
    expect(three.length).toBeGreaterThan(2.9 * oneHeat('start').length);
  });

  it('can be told faster; what it says stays', () => {
    const lines = until(raceLines(DEMO_RACE, 'start'), 60_000);
    const quick = until(faster(raceLines(DEMO_RACE, 'start'), 10), 6000);
    expect(quick.map(text)).toEqual(lines.map(text));
    expect(quick.at(-1)?.atMs).toBeCloseTo((lines.at(-1)?.atMs ?? 0) / 10);
  });

  it('has a roster whose chips are those of its lines', () => {
    const roster = raceRoster(DEMO_RACE);
    expect(roster).toHaveLength(300);
    expect(new Set(roster.map(({ chip }) => chip)).size).toBe(300);
    const chips = new Set(roster.map(({ chip }) => chip));
    for (const tag of firstSeen(oneHeat('start')).keys()) expect(chips.has(tag)).toBe(true);
    expect(roster[6]).toMatchObject({ bib: '7', chip: chipOf(7) });
    expect(new Set(roster.map(({ category }) => category)).size).toBeGreaterThan(6);
    const csv = rosterCsv(DEMO_RACE).split('\n');
    expect(csv[0]).toBe('bib,firstName,lastName,club,sex,birthYear,category,chip');
    expect(csv[1]?.split(',')).toHaveLength(8);
    expect(csv).toHaveLength(302);
  });

  it('refuses a reader that it does not have', () => {
    expect(() => raceLines(DEMO_RACE, 'moon').next()).toThrow('no reader moon');
  });
});
