import type { EventBody } from '@baton/schema/http';
import type { JSX } from 'preact';
import { Empty, Loading } from '../ui/notice.tsx';
import { Pill } from '../ui/pill.tsx';
import { ProblemNotice } from '../ui/problem-notice.tsx';
import { STATUS_WORDS } from '../ui/status-words.ts';
import { dateText } from '../ui/time-text.ts';
import { hrefOf } from './address-store.ts';
import type { Commands } from './commands.ts';
import type { EventsStore } from './events-store.ts';
import { NewEvent } from './new-event.tsx';
import { commandBlock } from './relay-reach.ts';

const EventLine = (props: { readonly event: EventBody; readonly onOpen: (eventId: string) => void }): JSX.Element => {
  const { event } = props;
  const { word, tone } = STATUS_WORDS[event.status];
  return (
    <tr>
      <td>
        <a
          class="event-link"
          href={hrefOf({ eventId: event.eventId, view: 'streams' })}
          onClick={(click) => {
            if (click.ctrlKey || click.metaKey || click.shiftKey) return;
            click.preventDefault();
            props.onOpen(event.eventId);
          }}
        >
          {event.title}
        </a>
        <div class="small muted">
          {dateText(event.date)}
          {event.location === null ? '' : ` · ${event.location}`}
        </div>
      </td>
      <td class="number">
        <Pill tone={tone}>{word}</Pill>
      </td>
    </tr>
  );
};

/** Every event; the admin opens one or makes one. */
export const EventsView = (props: {
  readonly store: EventsStore;
  readonly commands: Commands;
  readonly timezone: string;
  readonly timezones: readonly string[];
  readonly onOpen: (eventId: string) => void;
}): JSX.Element => {
  const { value, problem } = props.store.events.value;
  return (
    <div class="stack">
      <h1>Events</h1>
      <ProblemNotice what="Events" live={props.store.events.value} />
      {value === null && problem !== null ? null : (
        <section class="card" aria-label="Events">
          {value === null ? <Loading label="Loading the events" /> : null}
          {value?.length === 0 ? <Empty title="No events yet">Create the first one below.</Empty> : null}
          {value === null || value.length === 0 ? null : (
            <table>
              <thead>
                <tr>
                  <th scope="col">Event</th>
                  <th scope="col" class="number">
                    Status
                  </th>
                </tr>
              </thead>
              <tbody>
                {[...value]
                  .sort((a, b) => b.date.localeCompare(a.date))
                  .map((event) => (
                    <EventLine key={event.eventId} event={event} onOpen={props.onOpen} />
                  ))}
              </tbody>
            </table>
          )}
        </section>
      )}
      <NewEvent
        commands={props.commands}
        timezone={props.timezone}
        timezones={props.timezones}
        blocked={commandBlock(props.store.events.value)}
        onCreated={(event) => {
          props.store.refresh();
          props.onOpen(event.eventId);
        }}
      />
    </div>
  );
};
