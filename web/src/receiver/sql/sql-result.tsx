import type { SelectPage } from '@baton/client-core';
import { useSignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { Notice } from '../../ui/notice.tsx';
import { type GridColumn, RowGrid } from '../../ui/row-grid.tsx';
import { countText, plural } from '../../ui/time-text.ts';
import { pageCsv, valueText } from '../csv-text.ts';
import type { DeskProps } from '../desk.ts';
import { DOWNLOADED_ROWS, type SqlRun } from './sql-store.ts';

const MOST_CHARACTERS = 300;
const SAMPLE_ROWS = 100;
const [LEAST_WIDTH, MOST_WIDTH] = [5, 40];

const NUMBERS: ReadonlySet<string> = new Set([
  'smallint',
  'integer',
  'bigint',
  'numeric',
  'real',
  'double precision',
  'interval',
]);

/** As wide as its first rows want, within reason: all rows of a column have one width. */
const widthOf = (page: SelectPage, at: number, name: string): number => {
  const longest = page.rows
    .slice(0, SAMPLE_ROWS)
    .reduce((most, row) => Math.max(most, valueText(row[at]).length), name.length);
  return Math.max(LEAST_WIDTH, Math.min(MOST_WIDTH, longest + 1));
};

const columnsOf = (page: SelectPage): readonly GridColumn[] =>
  page.columns.map(({ name, type }, at) => ({
    key: `${at}`,
    title: (
      <span class="mono" title={type}>
        {name}
      </span>
    ),
    flex: `0 0 ${widthOf(page, at, name) * 0.55 + 0.5}rem`,
    isNumber: NUMBERS.has(type),
  }));

const cell = (value: unknown): ComponentChildren => {
  if (value === null || value === undefined) return <span class="muted small">NULL</span>;
  const text = valueText(value);
  const shown = text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
  return (
    <span class="mono" title={shown}>
      {shown}
    </span>
  );
};

/** Asks again for all rows that a file may have. */
const Download = (props: DeskProps & { readonly sql: string }): JSX.Element => {
  const isBusy = useSignal(false);
  const { desk, tools } = props;
  const download = async (): Promise<void> => {
    isBusy.value = true;
    const answer = await desk.database.select(props.sql, [], { maxRows: DOWNLOADED_ROWS });
    isBusy.value = false;
    if (!answer.ok) return tools.announcer.fail(`Not downloaded: ${answer.error.message}`);
    tools.files.save('query.csv', 'text/csv;charset=utf-8', pageCsv(answer.value).join(''));
    if (answer.value.truncated) {
      tools.announcer.fail(`The file has the first ${countText(DOWNLOADED_ROWS)} rows. Ask for fewer to get all.`);
    } else tools.announcer.say(`Saved ${plural(answer.value.rows.length, 'row')} as query.csv.`);
  };
  return (
    <button type="button" class="button button-small" disabled={isBusy.value} onClick={() => void download()}>
      {isBusy.value ? 'Working…' : 'Download CSV'}
    </button>
  );
};

const RowsShown = (props: DeskProps & { readonly run: Extract<SqlRun, { type: 'rows' }> }): JSX.Element => {
  const { page, sql, ms } = props.run;
  const columns = useMemo(() => columnsOf(page), [page]);
  return (
    <section class="card" aria-labelledby="sql-result-title">
      <div class="card-head">
        <h2 id="sql-result-title">Answer</h2>
        <div class="row">
          <span class="small muted" role="status">
            {page.truncated
              ? `the first ${plural(page.rows.length, 'row')}, there are more`
              : plural(page.rows.length, 'row')}
            {`, ${Math.round(ms)} ms`}
          </span>
          <Download {...props} sql={sql} />
        </div>
      </div>
      {columns.length === 0 || page.rows.length === 0 ? (
        <p class="card-body muted">
          No rows{columns.length === 0 ? '' : `, columns ${page.columns.map((it) => it.name).join(', ')}`}.
        </p>
      ) : (
        <RowGrid
          label="Answer"
          columns={columns}
          count={page.rows.length}
          isWide
          version={page}
          cells={(index) => page.rows[index]?.map(cell) ?? null}
        />
      )}
    </section>
  );
};

/** What came of the last statement. */
export const SqlResult = (props: DeskProps & { readonly run: SqlRun }): JSX.Element | null => {
  const { run } = props;
  switch (run.type) {
    case 'rows':
      return <RowsShown {...props} run={run} />;
    case 'failed':
      return (
        <Notice
          tone="bad"
          title={
            run.isLost ? 'The database was busy too long or is being opened anew' : 'The database refuses the statement'
          }
        >
          <span class="mono sql-error">{run.message}</span>
        </Notice>
      );
    case 'abandoned':
      return (
        <Notice tone="warn" title="The database still works on the abandoned statement">
          It cannot be stopped in the middle. Until it is done, new reads wait to be stored and nothing else is
          answered; after a minute the database is opened anew.
        </Notice>
      );
    case 'idle':
    case 'running':
      return null;
  }
};
