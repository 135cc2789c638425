import type { ReadonlySignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Empty, Loading } from '../ui/notice.tsx';
import { Pill } from '../ui/pill.tsx';
import { titleWithYear } from '../ui/race-text.ts';
import type { EventStore } from './event-store.ts';
import { type Freshness, freshnessOf } from './freshness.ts';
import { FreshnessNotice, type FreshnessProps } from './freshness-line.tsx';
import { lazyPart } from './lazy-part.tsx';
import { countText, dateText } from './local-text.ts';
import type { PartProps } from './part-props.ts';
import type { EventInfo } from './public-body.ts';
import type { RacePickerProps } from './race-picker.tsx';
import type { RaceTimeProps } from './race-time.tsx';
import { ResultsView } from './results-view.tsx';
import type { Part } from './route.ts';
import { STATUS_TONES } from './status-tones.ts';
import { ViewLink } from './view-link.tsx';
import type { Word } from './word.ts';
import { say } from './words.ts';

export interface EventPageProps {
  readonly store: EventStore;
  readonly now: ReadonlySignal<number>;
  readonly online: ReadonlySignal<boolean>;
}

const RaceTime = lazyPart<RaceTimeProps>(async () => (await import('./race-time.tsx')).RaceTime, null);
const RacePicker = lazyPart<RacePickerProps>(async () => (await import('./race-picker.tsx')).RacePicker, null);
const OnCourse = lazyPart<PartProps>(async () => (await import('./on-course-view.tsx')).OnCourseView);
const StartList = lazyPart<PartProps>(async () => (await import('./start-list-view.tsx')).StartListView);
const Favourites = lazyPart<PartProps>(async () => (await import('./favourites-view.tsx')).FavouritesView);
const Runner = lazyPart<PartProps>(async () => (await import('./runner-view.tsx')).RunnerView);

const Heading = (props: { readonly event: EventInfo; readonly children: JSX.Element | null }): JSX.Element => {
  const { event } = props;
  return (
    <header class="event-heading">
      <div class="event-heading-words">
        <h1>{titleWithYear(event.title, event.date)}</h1>
        <div class="row">
          <span role="status">
            <Pill tone={STATUS_TONES[event.status]}>{say(event.status)}</Pill>
          </span>
          <span class="muted">
            {dateText(event.date)}
            {event.location === null ? '' : ` · ${event.location}`}
          </span>
        </div>
      </div>
      {props.children}
    </header>
  );
};

const PART_WORDS: readonly (readonly [part: Part, word: Word])[] = [
  ['results', 'partResults'],
  ['oncourse', 'partOnCourse'],
  ['start', 'partStart'],
  ['favourites', 'partFavourites'],
];

/** Nobody is on the course of an event that is over. */
const isOffered = (part: Part, event: EventInfo): boolean =>
  part !== 'oncourse' || event.status === 'running' || event.status === 'startlist';

const Parts = (props: { readonly store: EventStore; readonly event: EventInfo }): JSX.Element => {
  const { store, event } = props;
  const favourites = store.favourites.value?.favourites.all.value.length ?? 0;
  const tabs = useRef<HTMLElement>(null);
  const shown = store.part.value;
  // on a narrow screen the last ones are behind its edge
  useEffect(() => {
    const tab = tabs.current?.querySelector<HTMLElement>('[aria-current]');
    if (tabs.current !== null && tab != null) tabs.current.scrollLeft = tab.offsetLeft - tabs.current.offsetLeft;
  }, [shown]);
  return (
    <nav class="tabs" ref={tabs} aria-label={say('parts')}>
      {PART_WORDS.filter(([part]) => isOffered(part, event) || part === store.part.value).map(([part, word]) => (
        <ViewLink
          key={part}
          store={store}
          to={{ part, bib: null }}
          class="tab"
          current={store.view.value.bib === null && store.part.value === part}
        >
          {say(word)}
          {part === 'favourites' && favourites > 0 ? <span class="count"> {countText(favourites)}</span> : null}
        </ViewLink>
      ))}
    </nav>
  );
};

const Shown = (props: PartProps): JSX.Element => {
  const { store } = props;
  const { bib } = store.view.value;
  if (bib !== null) return <Runner key={`${props.race.raceId} ${bib}`} {...props} />;
  switch (store.part.value) {
    case 'oncourse':
      return <OnCourse {...props} />;
    case 'start':
      return <StartList key={props.race.raceId} {...props} />;
    case 'favourites':
      return <Favourites {...props} />;
    case 'results':
      return <ResultsView {...props} />;
  }
};

const Unknown = (): JSX.Element => (
  <div class="card">
    <h1 class="visually-hidden">{say('liveResults')}</h1>
    <Empty
      title={say('noEvent')}
      action={
        <a class="button button-primary" href="/">
          {say('allEvents')}
        </a>
      }
    >
      {say('noEventWhy')}
    </Empty>
  </div>
);

/** The page at `/e/<eventId>`: one event as it happens. */
export const EventPage = (props: EventPageProps): JSX.Element => {
  const { store, now, online } = props;
  const { source } = store;
  const freshnessFrom = (confirmedAt: number | null, at: number): Freshness =>
    freshnessOf(source.link.value, confirmedAt, at, online.value);
  const freshness: FreshnessProps = {
    of: (at) => freshnessFrom((store.list.value ?? source).confirmedAt.value, at),
    now,
  };
  const notice = <FreshnessNotice {...freshness} onRetry={source.refresh} />;
  if (source.link.value.type === 'unknown') return <Unknown />;
  const event = source.state.value?.event ?? null;
  if (event === null) {
    return (
      <div class="stack">
        {notice}
        <Loading label={say('loading')} lines={6} />
      </div>
    );
  }
  const race = store.race.value;
  return (
    <div class="stack">
      <Heading event={event}>
        {race === null ? null : <RaceTime event={event} race={race} now={now} skewMs={source.skewMs} />}
      </Heading>
      {notice}
      {race === null ? (
        <div class="card">
          <Empty title={say('noRaces')}>{say('noRacesWhy')}</Empty>
        </div>
      ) : (
        <>
          <Parts store={store} event={event} />
          {(source.state.value?.races.length ?? 0) < 2 ? null : (
            <div class="race-picker">
              <RacePicker store={store} />
            </div>
          )}
          <Shown {...{ store, event, race, freshness, freshnessFrom, now }} />
        </>
      )}
      {event.status === 'running' || event.status === 'finished' ? (
        <p class="muted small">{say('unofficialNote')}</p>
      ) : null}
    </div>
  );
};
