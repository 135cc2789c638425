import type { EventBody } from '@baton/schema/http';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { CommandButton } from '../ui/command-button.tsx';
import { Notice } from '../ui/notice.tsx';
import type { Commands } from './commands.ts';
import { createBody, draftProblems, type EventDraft, hasProblem } from './event-draft.ts';
import { EventFields } from './event-fields.tsx';

/** The form for an event that is not there yet; the relay makes it. */
export const NewEvent = (props: {
  readonly commands: Commands;
  readonly timezone: string;
  readonly timezones: readonly string[];
  readonly blocked: string | null;
  readonly onCreated: (event: EventBody) => void;
}): JSX.Element => {
  const draft = useSignal<EventDraft>({ title: '', date: '', timezone: props.timezone, location: '' });
  /** Nothing is called wrong before somebody tried. */
  const tried = useSignal(false);
  const busy = useSignal(false);
  const refusal = useSignal<string | null>(null);
  const problems = draftProblems(draft.value);
  const create = async (): Promise<void> => {
    tried.value = true;
    if (hasProblem(problems)) return;
    busy.value = true;
    const outcome = await props.commands.createEvent(createBody(draft.value));
    busy.value = false;
    refusal.value = outcome.type === 'failed' ? outcome.message : null;
    if (outcome.type === 'done') props.onCreated(outcome.value);
  };
  return (
    <form
      class="card"
      aria-labelledby="new-event-heading"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void create();
      }}
    >
      <div class="card-head">
        <h2 id="new-event-heading">New event</h2>
      </div>
      <div class="card-body stack">
        {refusal.value === null ? null : (
          <Notice tone="bad" title="The event was not created">
            {refusal.value}
          </Notice>
        )}
        <EventFields
          id="new-event"
          draft={draft.value}
          problems={tried.value ? problems : {}}
          timezones={props.timezones}
          onDraft={(change) => {
            draft.value = { ...draft.value, ...change };
          }}
        />
        <div class="row">
          <CommandButton submit class="button button-primary" disabled={busy.value} blocked={props.blocked}>
            {busy.value ? 'Creating…' : 'Create event'}
          </CommandButton>
          {props.blocked === null ? null : <span class="small muted">{props.blocked}</span>}
        </div>
      </div>
    </form>
  );
};
