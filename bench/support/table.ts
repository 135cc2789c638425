import type { Figures } from './measure.ts';

/** Figures named `row: column` as lines of a table, columns in the order in which they first come. */
export const tableOf = (figures: Figures): readonly string[] => {
  const rows = new Map<string, Map<string, number>>();
  const columns = new Set<string>();
  for (const [name, value] of Object.entries(figures)) {
    const cut = name.lastIndexOf(': ');
    const [row, column] = [name.slice(0, cut), name.slice(cut + 2)];
    columns.add(column);
    rows.set(row, (rows.get(row) ?? new Map<string, number>()).set(column, value));
  }
  const width = Math.max(...[...rows.keys()].map(({ length }) => length));
  const line = (head: string, cellOf: (column: string) => string): string =>
    [head.padEnd(width), ...[...columns].map((it) => cellOf(it).padStart(it.length))].join('  ');
  return [line('', (it) => it), ...[...rows].map(([row, cells]) => line(row, (it) => String(cells.get(it) ?? '')))];
};
