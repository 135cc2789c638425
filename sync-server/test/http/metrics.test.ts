import { describe, expect, it } from 'vitest';
import { createMetrics } from '../../src/http/metrics.ts';

describe('createMetrics', () => {
  it('renders what Prometheus reads, with hostile labels escaped', () => {
    const metrics = createMetrics();
    const refused = metrics.counter('refused_total', 'refused', 'code');
    refused.add('A');
    refused.add('A', 2);
    refused.add('x"\\\n');
    metrics.gauge('now', 'present', () => 1.5);
    metrics.gauge('unknown', 'not known', () => null);
    metrics.counter('plain_total', 'without a label').add();
    expect(metrics.render()).toBe(
      [
        '# HELP refused_total refused',
        '# TYPE refused_total counter',
        'refused_total{code="A"} 3',
        'refused_total{code="x\\"\\\\\\n"} 1',
        '# HELP now present',
        '# TYPE now gauge',
        'now 1.5',
        '# HELP unknown not known',
        '# TYPE unknown gauge',
        '# HELP plain_total without a label',
        '# TYPE plain_total counter',
        'plain_total 1',
        '',
      ].join('\n'),
    );
  });

  it('renders a histogram: how many took at most so long, all, and their sum', () => {
    const metrics = createMetrics();
    const took = metrics.histogram('took_seconds', 'how long', [0.25, 1]);
    for (const seconds of [0.25, 0.5, 4, 0.125]) took.observe(seconds);
    expect(metrics.render()).toBe(
      [
        '# HELP took_seconds how long',
        '# TYPE took_seconds histogram',
        'took_seconds_bucket{le="0.25"} 2',
        'took_seconds_bucket{le="1"} 3',
        'took_seconds_bucket{le="+Inf"} 4',
        'took_seconds_sum 4.875',
        'took_seconds_count 4',
        '',
      ].join('\n'),
    );
  });

  it('counts without end in bounded memory: what comes after many names is counted together', () => {
    const metrics = createMetrics();
    const counter = metrics.counter('made_up_total', '', 'name');
    for (let at = 0; at < 10_000; at++) counter.add(`name-${at}`);
    counter.add('name-0');
    const lines = metrics.render().split('\n');
    expect(lines.length).toBeLessThan(210);
    expect(lines).toContain('made_up_total{name="name-0"} 2');
    expect(lines).toContain('made_up_total{name="other"} 9801');
  });

  it('takes a name once', () => {
    const metrics = createMetrics();
    metrics.counter('a', '');
    expect(() => metrics.gauge('a', '', () => 0)).toThrow('twice');
  });
});
