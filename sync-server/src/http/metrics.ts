import { type Buckets, createHistogram, type Histogram } from '../watching/histogram.ts';

/** Counts what happens, in the text format that Prometheus reads (version 0.0.4). */
export interface Metrics {
  /** A number that only rises; with `label`, one for each value of it. */
  readonly counter: (name: string, help: string, label?: string) => Counter;
  /** Read when asked for; null: not known, and left out. */
  readonly gauge: (name: string, help: string, read: () => number | null) => void;
  /** Read when asked for: one number for each value of `label`. */
  readonly labelled: (
    name: string,
    help: string,
    type: 'counter' | 'gauge',
    label: string,
    read: () => ReadonlyMap<string, number>,
  ) => void;
  /** As `gauge`, of what only rises. */
  readonly total: (name: string, help: string, read: () => number | null) => void;
  /** How long things took, in seconds. */
  readonly histogram: (name: string, help: string, buckets: Buckets) => Histogram;
  readonly render: () => string;
}

export interface Counter {
  readonly add: (labelValue?: string, by?: number) => void;
}

interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly lines: () => readonly string[];
}

/** Values of one label that are told apart; whatever comes after is counted together. */
const MAX_LABEL_VALUES = 200;
const OTHER = 'other';

const escapeLabel = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

const sample = (name: string, label: string, value: string, number: number): string =>
  `${name}{${label}="${escapeLabel(value)}"} ${number}`;

const samplesOf = (name: string, label: string, values: ReadonlyMap<string, number>): readonly string[] =>
  [...values].slice(0, MAX_LABEL_VALUES).map(([value, number]) => sample(name, label, value, number));

const histogramLines = (name: string, { buckets, count, sum }: ReturnType<Histogram['read']>): readonly string[] => [
  ...buckets.map(([bound, below]) => sample(`${name}_bucket`, 'le', String(bound), below)),
  sample(`${name}_bucket`, 'le', '+Inf', count),
  `${name}_sum ${sum}`,
  `${name}_count ${count}`,
];

const renderFamily = ({ name, help, type, lines }: Family): string =>
  [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines()].join('\n');

/** Counts by label; bounded, so that no peer can make names up for ever. */
const createCounts = () => {
  const counts = new Map<string, number>();
  return {
    counts,
    add: (value: string, by: number): void => {
      const key = counts.has(value) || counts.size < MAX_LABEL_VALUES - 1 ? value : OTHER;
      counts.set(key, (counts.get(key) ?? 0) + by);
    },
  };
};

export const createMetrics = (): Metrics => {
  const families = new Map<string, Family>();

  const register = (name: string, help: string, type: Family['type'], lines: Family['lines']): void => {
    if (families.has(name)) throw new Error(`metric ${name} is registered twice`);
    families.set(name, { name, help, type, lines });
  };

  const single = (name: string, help: string, type: Family['type'], read: () => number | null): void =>
    register(name, help, type, () => {
      const number = read();
      return number === null ? [] : [`${name} ${number}`];
    });

  return {
    counter: (name, help, label) => {
      const { counts, add } = createCounts();
      if (label === undefined) single(name, help, 'counter', () => counts.get('') ?? 0);
      else register(name, help, 'counter', () => samplesOf(name, label, counts));
      return { add: (value = '', by = 1) => add(value, by) };
    },
    gauge: (name, help, read) => single(name, help, 'gauge', read),
    total: (name, help, read) => single(name, help, 'counter', read),
    labelled: (name, help, type, label, read) => register(name, help, type, () => samplesOf(name, label, read())),
    histogram: (name, help, buckets) => {
      const histogram = createHistogram(buckets);
      register(name, help, 'histogram', () => histogramLines(name, histogram.read()));
      return histogram;
    },
    render: () => `${[...families.values()].map(renderFamily).join('\n')}\n`,
  };
};
