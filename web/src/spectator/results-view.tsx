import type { ReadonlySignal } from '@preact/signals';
import type { JSX } from 'preact';
import { Loading } from '../ui/notice.tsx';
import type { EventStore } from './event-store.ts';
import { FreshnessLine, type FreshnessProps } from './freshness-line.tsx';
import type { GroupFiltersProps } from './group-filters.tsx';
import { lazyPart } from './lazy-part.tsx';
import { countText, runnersText } from './local-text.ts';
import type { NoRowsProps } from './no-rows.tsx';
import type { RaceInfo } from './public-body.ts';
import { ResultsTable } from './results-table.tsx';
import type { RowWindow } from './row-window.ts';
import { VenueLine } from './venue-line.tsx';
import { say } from './words.ts';

/** By category and sex; results do not wait for it. */
const GroupFilters = lazyPart<GroupFiltersProps>(async () => (await import('./group-filters.tsx')).GroupFilters, null);

export const SearchField = (props: { readonly store: EventStore }): JSX.Element => (
  <search class="filter filter-search">
    <label class="visually-hidden" for="search">
      {say('search')}
    </label>
    <input
      id="search"
      type="search"
      placeholder={say('searchShort')}
      autocomplete="off"
      enterkeyhint="search"
      value={props.store.typed.value}
      onInput={(event) => props.store.setSearch(event.currentTarget.value)}
    />
  </search>
);

const NoRows = lazyPart<NoRowsProps>(async () => (await import('./no-rows.tsx')).NoRows, null);

const Rows = (props: {
  readonly store: EventStore;
  readonly race: RaceInfo;
  readonly window: RowWindow;
  readonly relayNow: number;
}): JSX.Element => {
  const { store, window } = props;
  if (window.rows.length === 0) return <NoRows store={store} window={window} />;
  return (
    <>
      <ResultsTable {...props} />
      {window.total > window.rows.length ? (
        <div class="more">
          <span class="muted">
            {say('shown', { n: countText(window.rows.length), total: countText(window.total) })}
          </span>
          <button type="button" class="button" onClick={store.showMore}>
            {say('showMore')}
          </button>
        </div>
      ) : null}
    </>
  );
};

/** Results of a race: everybody, a category, a sex, or who was searched for. */
export const ResultsView = (props: {
  readonly store: EventStore;
  readonly race: RaceInfo;
  readonly freshness: FreshnessProps;
  readonly now: ReadonlySignal<number>;
}): JSX.Element => {
  const { store, race } = props;
  const list = store.list.value;
  const window = list?.window.value ?? null;
  const relayNow = props.now.peek() + store.source.skewMs.value;
  return (
    <>
      <div class="filters">
        <SearchField store={store} />
        <GroupFilters store={store} race={race} rows={window} />
      </div>
      <section class="card" aria-labelledby="race-name">
        <div class="card-head">
          <h2 id="race-name">{race.name}</h2>
          <div class="row small muted">
            {window === null ? null : (
              <span aria-live={window.filter.search === '' ? 'off' : 'polite'}>{runnersText(window.total)}</span>
            )}
            <VenueLine store={store} now={props.now} />
            <FreshnessLine {...props.freshness} />
          </div>
        </div>
        {window === null ? <Loading label={say('loading')} lines={6} /> : null}
        {window === null ? null : <Rows store={store} race={race} window={window} relayNow={relayNow} />}
      </section>
    </>
  );
};
