import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { EventStatus, RaceInfo, ResultRow } from './public-body.ts';
import { columnsOf, type ResultColumns, withCategoryName } from './result-columns.ts';
import { ResultLine } from './result-row.tsx';

const MAIN_WORDS = { net: 'Net', gun: 'Gun', none: 'Time' } as const;

const Heads = (props: { readonly columns: ResultColumns }): JSX.Element => {
  const { columns } = props;
  return (
    <thead>
      <tr>
        <th class="number" scope="col">
          <abbr title="Place">Pl.</abbr>
        </th>
        <th class="number col-medium" scope="col">
          Bib
        </th>
        <th scope="col">Name</th>
        {columns.category ? (
          <th class="col-medium" scope="col">
            Category
          </th>
        ) : null}
        {columns.splits.map((it) => (
          <th key={it.pointId} class="number col-wide" scope="col">
            {it.name}
          </th>
        ))}
        <th class="number" scope="col">
          {MAIN_WORDS[columns.main]}
          {columns.gunToo ? <span class="col-narrow-inline"> / gun</span> : null}
        </th>
        {columns.gunToo ? (
          <th class="number col-medium" scope="col">
            Gun
          </th>
        ) : null}
        {columns.behind ? (
          <th class="number col-medium" scope="col">
            Behind
          </th>
        ) : null}
      </tr>
    </thead>
  );
};

/** The rows of one race, in the order the relay ranks them. */
export const ResultsTable = (props: {
  readonly race: RaceInfo;
  readonly rows: readonly ResultRow[];
  readonly status: EventStatus;
}): JSX.Element => {
  const open = useSignal<string | null>(null);
  const columns = columnsOf(props.race, props.rows);
  return (
    <div class="table-wrap">
      <table class="results">
        <caption class="visually-hidden">
          {props.status === 'official' ? 'Official' : 'Unofficial'} results of {props.race.name}
        </caption>
        <Heads columns={columns} />
        <tbody>
          {props.rows.map((row) => (
            <ResultLine
              key={row.bib}
              row={withCategoryName(props.race, row)}
              columns={columns}
              racing={props.status === 'running'}
              open={open.value === row.bib}
              onToggle={() => {
                open.value = open.value === row.bib ? null : row.bib;
              }}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
};
