import type { ReadonlySignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { Segments } from '../ui/field.tsx';
import { Empty, Loading } from '../ui/notice.tsx';
import { Pill } from '../ui/pill.tsx';
import { countText, dateText, plural, titleWithYear } from '../ui/time-text.ts';
import type { EventStore } from './event-store.ts';
import { STATUS_WORDS } from './event-words.ts';
import { freshnessOf } from './freshness.ts';
import { FreshnessLine, FreshnessNotice } from './freshness-line.tsx';
import type { EventInfo, RaceInfo, ResultsPage } from './public-body.ts';
import { ResultsTable } from './results-table.tsx';

const Heading = (props: { readonly event: EventInfo }): JSX.Element => {
  const { event } = props;
  const { word, tone } = STATUS_WORDS[event.status];
  return (
    <header class="event-heading">
      <h1>{titleWithYear(event.title, event.date)}</h1>
      <div class="row">
        <Pill tone={tone}>{word}</Pill>
        <span class="muted">
          {dateText(event.date)}
          {event.location === null ? '' : ` · ${event.location}`}
        </span>
      </div>
    </header>
  );
};

const RacePicker = (props: {
  readonly store: EventStore;
  readonly onChoose: (raceId: string) => void;
}): JSX.Element => {
  const races = props.store.races.value.value ?? [];
  const race = props.store.race.value;
  if (races.length <= 4) {
    return (
      <Segments
        name="race"
        legend="Race"
        hideLegend
        choices={races.map((it) => ({ value: it.raceId, label: it.name }))}
        value={race?.raceId ?? ''}
        onChange={props.onChoose}
      />
    );
  }
  return (
    <div class="race-select">
      <label class="visually-hidden" for="race">
        Race
      </label>
      <select id="race" value={race?.raceId ?? ''} onChange={(event) => props.onChoose(event.currentTarget.value)}>
        {races.map((it) => (
          <option key={it.raceId} value={it.raceId}>
            {it.name}
          </option>
        ))}
      </select>
    </div>
  );
};

const Search = (props: { readonly store: EventStore }): JSX.Element => (
  <div class="race-search">
    <label class="visually-hidden" for="search">
      Search by bib, name or club
    </label>
    <input
      id="search"
      type="search"
      placeholder="Bib, name or club"
      autocomplete="off"
      enterkeyhint="search"
      value={props.store.search.value}
      onInput={(event) => props.store.setSearch(event.currentTarget.value)}
    />
  </div>
);

const NoRows = (props: { readonly event: EventInfo | null; readonly search: string }): JSX.Element => {
  if (props.search !== '') {
    return (
      <Empty title={`Nobody found for “${props.search}”`}>
        Try the whole bib number, or only a part of the name. Runners appear once a mat has seen them.
      </Empty>
    );
  }
  return props.event?.status === 'startlist' ? (
    <Empty title="Not started yet">Results appear here by themselves once the race is on.</Empty>
  ) : (
    <Empty title="No results yet">The first runner appears within seconds of crossing the line.</Empty>
  );
};

const Rows = (props: {
  readonly store: EventStore;
  readonly race: RaceInfo;
  readonly page: ResultsPage;
}): JSX.Element => {
  const { store, page } = props;
  const event = store.event.value.value;
  if (page.data.length === 0) return <NoRows event={event} search={store.search.value.trim()} />;
  return (
    <>
      <ResultsTable race={props.race} rows={page.data} status={event?.status ?? 'running'} />
      {page.total > page.data.length ? (
        <div class="more">
          <span class="muted">
            {countText(page.data.length)} of {countText(page.total)} shown
          </span>
          <button type="button" class="button" onClick={store.showMore}>
            Show more
          </button>
        </div>
      ) : null}
    </>
  );
};

const Results = (props: { readonly store: EventStore; readonly freshness: JSX.Element }): JSX.Element => {
  const { store } = props;
  const race = store.race.value;
  const { value, problem } = store.results.value;
  if (race === null) {
    return store.races.value.value === null ? (
      <Loading label="Loading the races" />
    ) : (
      <Empty title="No races yet">The organiser has not set up a race. This page looks for it by itself.</Empty>
    );
  }
  return (
    <>
      <div class="card-head">
        <h2>{race.name}</h2>
        <div class="row small muted">
          {value === null ? null : <span>{plural(value.total, 'runner')}</span>}
          {props.freshness}
        </div>
      </div>
      {value === null && problem === null ? <Loading label="Loading the results" lines={6} /> : null}
      {value === null ? null : <Rows store={store} race={race} page={value} />}
    </>
  );
};

const Unknown = (): JSX.Element => (
  <div class="card">
    <Empty
      title="There is no such event"
      action={
        <a class="button button-primary" href="/">
          All events
        </a>
      }
    >
      The link may be mistyped, or the organiser has not published the event yet.
    </Empty>
  </div>
);

/** The page at `/e/<eventId>`: one race's results, updating. */
export const EventPage = (props: {
  readonly store: EventStore;
  readonly now: ReadonlySignal<number>;
  readonly online: ReadonlySignal<boolean>;
  readonly onChoose: (raceId: string) => void;
  readonly children?: ComponentChildren;
}): JSX.Element => {
  const { store } = props;
  const { value: event, problem } = store.event.value;
  const now = props.now.value;
  if (problem?.type === 'refused' && problem.status === 404) return <Unknown />;
  const followed = store.race.value === null ? store.event.value : store.results.value;
  const freshness = freshnessOf(followed, now, props.online.value);
  return (
    <div class="stack">
      {event === null ? <Loading label="Loading the event" lines={2} /> : <Heading event={event} />}
      <FreshnessNotice freshness={freshness} now={now} onRetry={store.refresh} />
      {store.race.value === null ? null : (
        <div class="row row-between">
          <RacePicker store={store} onChoose={props.onChoose} />
          <Search store={store} />
        </div>
      )}
      <section class="card" aria-label="Results">
        <Results store={store} freshness={<FreshnessLine freshness={freshness} />} />
      </section>
      {event !== null && event.status !== 'official' && event.status !== 'startlist' ? (
        <p class="muted small">
          Unofficial: places and times can still change until the organiser makes them official.
        </p>
      ) : null}
    </div>
  );
};
