import type { EventBody } from '@baton/schema/http';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { Field } from '../ui/field.tsx';
import { Empty, Loading, Notice } from '../ui/notice.tsx';
import { Pill } from '../ui/pill.tsx';
import { ProblemNotice } from '../ui/problem-notice.tsx';
import { dateText } from '../ui/time-text.ts';
import { hrefOf } from './address-store.ts';
import type { Commands } from './commands.ts';
import type { EventsStore } from './events-store.ts';
import { STATUS_WORDS } from './lifecycle.ts';

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

const CreateEventForm = (props: {
  readonly commands: Commands;
  readonly timezone: string;
  readonly onCreated: (event: EventBody) => void;
}): JSX.Element => {
  const busy = useSignal(false);
  const problem = useSignal<string | null>(null);
  const create = async (form: HTMLFormElement): Promise<void> => {
    const fields = new FormData(form);
    const text = (name: string): string => String(fields.get(name) ?? '').trim();
    busy.value = true;
    const outcome = await props.commands.createEvent({
      title: text('title'),
      date: text('date'),
      timezone: text('timezone'),
      ...(text('location') === '' ? {} : { location: text('location') }),
    });
    busy.value = false;
    problem.value = outcome.type === 'failed' ? outcome.message : null;
    if (outcome.type === 'done') props.onCreated(outcome.value);
  };
  return (
    <form
      class="card"
      onSubmit={(event) => {
        event.preventDefault();
        void create(event.currentTarget);
      }}
    >
      <div class="card-head">
        <h2>New event</h2>
      </div>
      <div class="card-body stack">
        {problem.value === null ? null : (
          <Notice tone="bad" title="The event was not created">
            {problem.value}
          </Notice>
        )}
        <div class="form-grid">
          <Field id="title" label="Title">
            <input id="title" name="title" required maxLength={200} autocomplete="off" />
          </Field>
          <Field id="date" label="Date">
            <input id="date" name="date" type="date" required />
          </Field>
          <Field id="timezone" label="Time zone" hint="Where the readers’ clocks are set.">
            <input
              id="timezone"
              name="timezone"
              required
              aria-describedby="timezone-help"
              defaultValue={props.timezone}
            />
          </Field>
          <Field id="location" label="Place (optional)">
            <input id="location" name="location" maxLength={200} autocomplete="off" />
          </Field>
        </div>
        <div>
          <button type="submit" class="button button-primary" disabled={busy.value}>
            {busy.value ? 'Creating…' : 'Create event'}
          </button>
        </div>
      </div>
    </form>
  );
};

/** Every event; the admin opens one or makes one. */
export const EventsView = (props: {
  readonly store: EventsStore;
  readonly commands: Commands;
  readonly timezone: string;
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
      <CreateEventForm
        commands={props.commands}
        timezone={props.timezone}
        onCreated={(event) => {
          props.store.refresh();
          props.onOpen(event.eventId);
        }}
      />
    </div>
  );
};
