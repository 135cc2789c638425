import type { ReadonlySignal } from '@preact/signals';
import type { JSX } from 'preact';
import { Empty, Loading } from '../ui/notice.tsx';
import { Pill } from '../ui/pill.tsx';
import { dateText, titleWithYear } from '../ui/time-text.ts';
import { groupEvents, STATUS_WORDS } from './event-words.ts';
import type { EventsStore } from './events-store.ts';
import { freshnessOf } from './freshness.ts';
import { FreshnessLine, FreshnessNotice } from './freshness-line.tsx';
import type { EventInfo } from './public-body.ts';
import { eventHref } from './route.ts';

const EventCard = (props: { readonly event: EventInfo }): JSX.Element => {
  const { event } = props;
  const { word, tone } = STATUS_WORDS[event.status];
  return (
    <li>
      <a class="card event-card" href={eventHref(event.eventId)}>
        <span class="event-card-title">{titleWithYear(event.title, event.date)}</span>
        <span class="muted">
          {dateText(event.date)}
          {event.location === null ? '' : ` · ${event.location}`}
        </span>
        <Pill tone={tone}>{word}</Pill>
      </a>
    </li>
  );
};

/** The page at `/`: every published event. */
export const EventList = (props: {
  readonly store: EventsStore;
  readonly now: ReadonlySignal<number>;
  readonly online: ReadonlySignal<boolean>;
}): JSX.Element => {
  const live = props.store.events.value;
  const now = props.now.value;
  const freshness = freshnessOf(live, now, props.online.value);
  return (
    <div class="stack">
      <div class="row row-between row-end">
        <h1>Events</h1>
        <FreshnessLine freshness={freshness} />
      </div>
      <FreshnessNotice freshness={freshness} now={now} onRetry={props.store.refresh} />
      {live.value === null && live.problem === null ? <Loading label="Loading the events" /> : null}
      {live.value?.length === 0 ? (
        <div class="card">
          <Empty title="No published events yet">
            An event appears here as soon as its organiser publishes the start list. This page looks for it by itself.
          </Empty>
        </div>
      ) : null}
      {groupEvents(live.value ?? []).map((group) => (
        <section key={group.title} class="stack-tight">
          <h2 class="group-title">{group.title}</h2>
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
