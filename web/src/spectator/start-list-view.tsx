import './part-words.ts';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { type Live, WAITING } from '../platform/live.ts';
import { Empty, Loading } from '../ui/notice.tsx';
import { FreshnessLine } from './freshness-line.tsx';
import type { StartRow } from './list-body.ts';
import { countText } from './local-text.ts';
import type { PartProps } from './part-props.ts';
import { freshnessOfPoll } from './poll-freshness.ts';
import type { Page, RaceInfo } from './public-body.ts';
import { categoryName } from './result-columns.ts';
import { SearchField } from './results-view.tsx';
import { Star } from './star.tsx';
import { followStartList } from './start-list.ts';
import { ViewLink } from './view-link.tsx';
import { say } from './words.ts';

const ROWS_STEP = 100;

const Line = (props: PartProps & { readonly row: StartRow }): JSX.Element => {
  const { row, race, store } = props;
  const category = categoryName(race, row.category);
  const under = [category, row.club].filter((it) => it !== null && it !== '').join(' · ');
  return (
    <tr>
      <td class="number result-rank">{row.bib}</td>
      <td class="result-name">
        <ViewLink store={store} to={{ raceId: row.raceId, bib: row.bib }} class="result-link">
          {row.name === '' ? say('bibOf', { bib: row.bib }) : row.name}
        </ViewLink>
        <span class="result-under col-narrow">{under}</span>
      </td>
      <td class="col-medium muted">{row.club ?? ''}</td>
      <td class="col-medium muted nowrap">{category ?? ''}</td>
      <td class="result-star">
        <Star store={store} runner={row} />
      </td>
    </tr>
  );
};

const Table = (props: PartProps & { readonly rows: readonly StartRow[]; readonly race: RaceInfo }): JSX.Element => (
  <div class="table-wrap">
    <table class="results">
      <caption class="visually-hidden">
        {props.race.name}: {say('partStart')}
      </caption>
      <thead>
        <tr>
          <th class="number" scope="col">
            {say('bib')}
          </th>
          <th scope="col">{say('name')}</th>
          <th class="col-medium" scope="col">
            {say('club')}
          </th>
          <th class="col-medium" scope="col">
            {say('category')}
          </th>
          <th class="result-star" scope="col">
            <span class="visually-hidden">{say('favourite')}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {props.rows.map((row, at) => (
          <Line key={`${row.bib} ${at}`} {...props} row={row} />
        ))}
      </tbody>
    </table>
  </div>
);

const Nobody = (props: { readonly search: string }): JSX.Element =>
  props.search === '' ? (
    <Empty title={say('noStarters')}>{say('noStartersWhy')}</Empty>
  ) : (
    <Empty title={say('nobodyFound', { text: props.search })}>{say('noStartersWhy')}</Empty>
  );

/** Who is entered in a race, by bib. */
export const StartListView = (props: PartProps): JSX.Element => {
  const { store, event, race, freshness } = props;
  const isFinal = event.status === 'official';
  const live = useSignal<Live<Page<StartRow>>>(WAITING);
  const limit = useSignal(ROWS_STEP);
  const { search } = store.view.value;
  useEffect(
    () =>
      followStartList(store, race.raceId, { search }, limit.value, (now) => {
        live.value = now;
      }),
    [race.raceId, search, limit.value],
  );
  const page = live.value.value;
  return (
    <>
      <div class="filters">
        <SearchField store={store} />
      </div>
      <section class="card" aria-labelledby="race-name">
        <div class="card-head">
          <h2 id="race-name">
            {race.name}: {say('partStart')}
          </h2>
          <div class="row small muted">
            {page === null ? null : <span>{say('entered', { n: countText(page.total) })}</span>}
            <FreshnessLine of={(now) => freshnessOfPoll(live.value, now, true, isFinal)} now={freshness.now} />
          </div>
        </div>
        {page === null ? <Loading label={say('loading')} lines={6} /> : null}
        {page?.data.length === 0 ? <Nobody search={search} /> : null}
        {page === null || page.data.length === 0 ? null : <Table {...props} rows={page.data} />}
        {page !== null && page.total > page.data.length ? (
          <div class="more">
            <span class="muted">{say('shown', { n: countText(page.data.length), total: countText(page.total) })}</span>
            <button
              type="button"
              class="button"
              onClick={() => {
                limit.value += ROWS_STEP;
              }}
            >
              {say('showMore')}
            </button>
          </div>
        ) : null}
      </section>
    </>
  );
};
