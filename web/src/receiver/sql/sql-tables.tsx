import type { JSX } from 'preact';
import { Loading } from '../../ui/notice.tsx';
import { type Row, textAt } from '../cell-values.ts';
import type { DeskProps } from '../desk.ts';
import { pageOf, type Question, useLiveRows } from '../live-rows.ts';
import { TABLE_WORDS } from './table-words.ts';

const COLUMNS: Question = {
  sql: `SELECT table_name, column_name, data_type FROM information_schema.columns
WHERE table_schema = 'public' ORDER BY table_name, ordinal_position`,
  on: [],
};

const byTable = (rows: readonly Row[]): readonly (readonly [string, readonly Row[]])[] => {
  const tables = new Map<string, Row[]>();
  for (const row of rows) tables.set(textAt(row, 0), [...(tables.get(textAt(row, 0)) ?? []), row]);
  const order = Object.keys(TABLE_WORDS);
  const rank = (name: string): number => (order.includes(name) ? order.indexOf(name) : order.length);
  return [...tables].sort(([a], [b]) => rank(a) - rank(b));
};

/** All tables and views with their columns; a click puts a name into the statement. */
export const SqlTables = (props: DeskProps & { readonly onInsert: (name: string) => void }): JSX.Element => {
  const page = pageOf(useLiveRows(props.desk.live, COLUMNS));
  if (page === null) return <Loading label="Loading the tables" />;
  return (
    <div class="sql-tables">
      {byTable(page.rows).map(([name, columns]) => (
        <details key={name} class="sql-table">
          <summary>
            <span class="mono">{name}</span> <span class="small muted">{TABLE_WORDS[name] ?? ''}</span>
          </summary>
          <p class="sql-columns">
            <button type="button" class="button button-small mono" onClick={() => props.onInsert(name)}>
              {name}
            </button>
            {columns.map((row) => (
              <button
                key={textAt(row, 1)}
                type="button"
                class="button button-small button-quiet mono"
                title={textAt(row, 2)}
                onClick={() => props.onInsert(textAt(row, 1))}
              >
                {textAt(row, 1)}
              </button>
            ))}
          </p>
        </details>
      ))}
    </div>
  );
};
