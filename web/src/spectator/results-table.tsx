import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { EventStore } from './event-store.ts';
import type { RaceInfo, ResultRow } from './public-body.ts';
import { behindOf, categoryName, columnsOf, placeOf, type ResultColumns } from './result-columns.ts';
import { ResultLine } from './result-row.tsx';
import type { RowWindow } from './row-window.ts';
import { say } from './words.ts';

const MAIN_WORDS = { net: 'net', gun: 'gun', none: 'time' } as const;

const Heads = (props: { readonly columns: ResultColumns }): JSX.Element => {
  const { columns } = props;
  return (
    <thead>
      <tr>
        <th class="number" scope="col">
          <abbr title={say('place')}>{say('placeShort')}</abbr>
        </th>
        <th class="number col-medium" scope="col">
          {say('bib')}
        </th>
        <th scope="col">{say('name')}</th>
        {columns.category ? (
          <th class="col-medium" scope="col">
            {say('category')}
          </th>
        ) : null}
        {columns.splits.map((it) => (
          <th key={it.pointId} class="number col-wide" scope="col">
            {it.name}
          </th>
        ))}
        <th class="number" scope="col">
          <span class={columns.gunToo ? 'col-medium-inline' : ''}>{say(MAIN_WORDS[columns.main])}</span>
          {columns.gunToo ? <span class="col-narrow-inline">{say('netGun')}</span> : null}
        </th>
        {columns.gunToo ? (
          <th class="number col-medium" scope="col">
            {say('gun')}
          </th>
        ) : null}
        {columns.behind ? (
          <th class="number col-medium" scope="col">
            {say('behind')}
          </th>
        ) : null}
        <th class="result-star" scope="col">
          <span class="visually-hidden">{say('favourite')}</span>
        </th>
      </tr>
    </thead>
  );
};

/** So long a row that came is marked. */
const NEW_MS = 6000;

/** The rows of one race, in the order the relay ranks them. */
export const ResultsTable = (props: {
  readonly store: EventStore;
  readonly race: RaceInfo;
  readonly window: RowWindow;
  /** By the relay's clock. */
  readonly relayNow: number;
}): JSX.Element => {
  const { store, race, window } = props;
  const openedAt = useSignal(props.relayNow);
  const columns = columnsOf(race, window.rows);
  const status = store.source.state.value?.event.status;
  const isNew = (row: ResultRow): boolean =>
    row.updatedAt !== null && row.updatedAt > openedAt.peek() && props.relayNow - row.updatedAt < NEW_MS;
  const first = window.rows[0];
  return (
    <div class="table-wrap">
      <table class="results">
        <caption class="visually-hidden">
          {say('resultsOf', { race: race.name })} ({say(status ?? 'running')})
        </caption>
        <Heads columns={columns} />
        <tbody>
          {window.rows.map((row, at) => (
            <ResultLine
              key={`${row.bib} ${window.rows[at - 1]?.bib === row.bib ? at : ''}`}
              store={store}
              row={row}
              category={categoryName(race, row.category)}
              place={placeOf(row, window.filter)}
              behindMs={behindOf(row, window.filter.search === '' ? first : undefined)}
              columns={columns}
              racing={status === 'running'}
              isNew={isNew(row)}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
};
