import './part-words.ts';
import { type ReadonlySignal, useSignal, useSignalEffect } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { KnownValues } from '../platform/known-values.ts';
import type { PollDeps } from '../platform/poll.ts';
import { Empty, Loading } from '../ui/notice.tsx';
import { Pill } from '../ui/pill.tsx';
import { titleWithYear } from '../ui/race-text.ts';
import { groupEvents } from './event-groups.ts';
import { createEventsStore, type EventsStore } from './events-store.ts';
import type { Freshness } from './freshness.ts';
import { FreshnessLine, FreshnessNotice } from './freshness-line.tsx';
import { dateText } from './local-text.ts';
import { freshnessOfPoll } from './poll-freshness.ts';
import type { EventInfo } from './public-body.ts';
import { eventHref } from './route.ts';
import { STATUS_TONES } from './status-tones.ts';
import { say } from './words.ts';

const EventCard = (props: { readonly event: EventInfo }): JSX.Element => {
  const { event } = props;
  return (
    <li>
      <a class="card event-card" href={eventHref(event.eventId)}>
        <span class="event-card-title">{titleWithYear(event.title, event.date)}</span>
        <span class="muted">
          {dateText(event.date)}
          {event.location === null ? '' : ` · ${event.location}`}
        </span>
        <Pill tone={STATUS_TONES[event.status]}>{say(event.status)}</Pill>
      </a>
    </li>
  );
};

export interface EventListProps {
  readonly polls: PollDeps;
  readonly loadKnown: () => Promise<KnownValues>;
  readonly now: ReadonlySignal<number>;
  readonly online: ReadonlySignal<boolean>;
  /** The first answer is on the screen. */
  readonly onThere: () => void;
}

/** The page at `/`: every published event. */
export const EventList = (props: EventListProps): JSX.Element => {
  const store = useSignal<EventsStore | null>(null);
  useEffect(() => {
    void props.loadKnown().then((kept) => {
      store.value = createEventsStore({ ...props.polls, kept });
    });
  }, []);
  useSignalEffect(() => {
    if (store.value?.events.value.confirmedAt != null) props.onThere();
  });
  return store.value === null ? <Loading label={say('loading')} /> : <Events {...props} store={store.value} />;
};

const Events = (props: Pick<EventListProps, 'now' | 'online'> & { readonly store: EventsStore }): JSX.Element => {
  const { store, online } = props;
  const live = store.events.value;
  const freshness = {
    of: (now: number): Freshness => freshnessOfPoll(store.events.value, now, online.value),
    now: props.now,
  };
  return (
    <div class="stack">
      <div class="row row-between row-end">
        <h1>{say('events')}</h1>
        <FreshnessLine {...freshness} />
      </div>
      <FreshnessNotice {...freshness} onRetry={store.refresh} />
      {live.value === null && live.problem === null ? <Loading label={say('loading')} /> : null}
      {live.value?.length === 0 ? (
        <div class="card">
          <Empty title={say('noEvents')}>{say('noEventsWhy')}</Empty>
        </div>
      ) : null}
      {groupEvents(live.value ?? []).map((group) => (
        <section key={group.title} class="stack-tight">
          <h2 class="group-title">{say(group.title)}</h2>
          <ul class="plain event-cards">
            {group.events.map((event) => (
              <EventCard key={event.eventId} event={event} />
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
};
