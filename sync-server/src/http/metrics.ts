/** Counts what happens, in the text format that Prometheus reads (version 0.0.4). */
export interface Metrics {
  /** A number that only rises; with `label`, one for each value of it. */
  readonly counter: (name: string, help: string, label?: string) => Counter;
  /** Read when asked for: one number, or one for each value of `label`. */
  readonly gauge: (name: string, help: string, read: () => number) => void;
  readonly labelled: (
    name: string,
    help: string,
    type: 'counter' | 'gauge',
    label: string,
    read: () => ReadonlyMap<string, number>,
  ) => void;
  readonly total: (name: string, help: string, read: () => number) => void;
  readonly render: () => string;
}

export interface Counter {
  readonly add: (labelValue?: string, by?: number) => void;
}

interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  readonly label: string | null;
  readonly read: () => ReadonlyMap<string, number>;
}

const escapeLabel = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

const renderFamily = ({ name, help, type, label, read }: Family): string => {
  const lines = [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
  for (const [value, number] of read()) {
    lines.push(label === null ? `${name} ${number}` : `${name}{${label}="${escapeLabel(value)}"} ${number}`);
  }
  return lines.join('\n');
};

export const createMetrics = (): Metrics => {
  const families = new Map<string, Family>();

  const register = (family: Family): void => {
    if (families.has(family.name)) throw new Error(`metric ${family.name} is registered twice`);
    families.set(family.name, family);
  };

  const single = (name: string, help: string, type: Family['type'], read: () => number): void =>
    register({ name, help, type, label: null, read: () => new Map([['', read()]]) });

  return {
    counter: (name, help, label) => {
      const counts = new Map<string, number>();
      if (label === undefined) counts.set('', 0);
      register({ name, help, type: 'counter', label: label ?? null, read: () => counts });
      return { add: (value = '', by = 1) => counts.set(value, (counts.get(value) ?? 0) + by) };
    },
    gauge: (name, help, read) => single(name, help, 'gauge', read),
    total: (name, help, read) => single(name, help, 'counter', read),
    labelled: (name, help, type, label, read) => register({ name, help, type, label, read }),
    render: () => `${[...families.values()].map(renderFamily).join('\n')}\n`,
  };
};
