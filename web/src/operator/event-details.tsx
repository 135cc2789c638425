import type { Setup } from '@baton/schema/doc';
import type { EventBody } from '@baton/schema/http';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Announcer } from '../platform/announcer-store.ts';
import { CommandButton } from '../ui/command-button.tsx';
import { NoteList } from '../ui/note-list.tsx';
import type { Commands } from './commands.ts';
import { changeNotes, changesOf, draftOf, draftProblems, type EventDraft, hasProblem } from './event-draft.ts';
import { EventFields } from './event-fields.tsx';

/** Title, day, zone and place of the event. Saved by the relay: what others publish hangs on them. */
export const EventDetails = (props: {
  readonly event: EventBody;
  readonly setup: Setup;
  readonly commands: Commands;
  readonly announcer: Announcer;
  readonly timezones: readonly string[];
  readonly blocked: string | null;
  readonly onChanged: () => void;
}): JSX.Element => {
  const { event, announcer, blocked } = props;
  /** Only what was touched: the rest follows what others save meanwhile. */
  const touched = useSignal<Partial<EventDraft>>({});
  const busy = useSignal(false);
  const draft = { ...draftOf(event), ...touched.value };
  const changes = changesOf(event, draft);
  const problems = draftProblems(draft);
  const isChanged = Object.keys(changes).length > 0;
  const save = async (): Promise<void> => {
    if (hasProblem(problems) || !isChanged) return;
    busy.value = true;
    const outcome = await props.commands.patchEvent(event.eventId, changes);
    busy.value = false;
    if (outcome.type === 'failed') return announcer.fail(`The event was not changed: ${outcome.message}`);
    touched.value = {};
    props.onChanged();
    announcer.say('The event is changed.');
  };
  return (
    <form
      class="card"
      aria-labelledby="event-details-title"
      noValidate
      onSubmit={(submit) => {
        submit.preventDefault();
        void save();
      }}
    >
      <div class="card-head">
        <h2 id="event-details-title">Event</h2>
        <span class="small muted mono">{event.eventId}</span>
      </div>
      <div class="card-body stack">
        <EventFields
          id="event"
          draft={draft}
          problems={problems}
          timezones={props.timezones}
          onDraft={(change) => {
            touched.value = { ...touched.value, ...change };
          }}
        />
        <NoteList label="What the change means" notes={changeNotes(changes, props.setup, event)} />
        <div class="row">
          <CommandButton
            submit
            class="button button-primary"
            blocked={blocked}
            disabled={busy.value || !isChanged || hasProblem(problems)}
          >
            {busy.value ? 'Saving…' : 'Save'}
          </CommandButton>
          {isChanged ? (
            <button
              type="button"
              class="button"
              onClick={() => {
                touched.value = {};
              }}
            >
              Discard
            </button>
          ) : null}
          {blocked === null ? null : <span class="small muted">{blocked}</span>}
        </div>
      </div>
    </form>
  );
};
