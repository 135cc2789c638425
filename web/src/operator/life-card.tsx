import type { Setup } from '@baton/schema/doc';
import type { EventBody, StreamBody } from '@baton/schema/http';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Announcer } from '../platform/announcer-store.ts';
import { CommandButton } from '../ui/command-button.tsx';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { NoteList } from '../ui/note-list.tsx';
import { STATUS_WORDS } from '../ui/status-words.ts';
import type { Commands } from './commands.ts';
import { SEEN, STATUSES, stepNotes, type Transition, transitionsFrom } from './lifecycle.ts';

const Life = (props: { readonly event: EventBody }): JSX.Element => {
  const reached = STATUSES.indexOf(props.event.status);
  return (
    <ol class="plain life">
      {STATUSES.map((status, at) => (
        <li
          key={status}
          class={at < reached ? 'life-past' : at === reached ? 'life-now' : ''}
          aria-current={at === reached ? 'step' : undefined}
        >
          {STATUS_WORDS[status].word}
        </li>
      ))}
    </ol>
  );
};

/** Where the event stands in its life, and the steps from there, each after a question that says what it means. */
export const LifeCard = (props: {
  readonly event: EventBody;
  readonly setup: Setup;
  readonly streams: readonly StreamBody[] | null;
  readonly commands: Commands;
  readonly announcer: Announcer;
  readonly blocked: string | null;
  readonly onChanged: () => void;
}): JSX.Element => {
  const { event, announcer, blocked } = props;
  const asked = useSignal<Transition | null>(null);
  const busy = useSignal(false);
  const apply = async ({ to }: Transition): Promise<void> => {
    busy.value = true;
    const outcome = await props.commands.setStatus(event.eventId, to);
    busy.value = false;
    asked.value = null;
    props.onChanged();
    if (outcome.type === 'done') announcer.say(`${event.title} is now: ${STATUS_WORDS[to].word}.`);
    else announcer.fail(`The status was not changed: ${outcome.message}`);
  };
  const steps = transitionsFrom(event.status);
  return (
    <section class="card" aria-labelledby="life-title">
      <div class="card-head">
        <h2 id="life-title">Status</h2>
      </div>
      <div class="card-body stack">
        <Life event={event} />
        <p>{SEEN[event.status]}</p>
        {steps.length === 0 ? null : (
          <div class="row">
            {steps.map((it) => (
              <CommandButton
                key={it.to}
                class={it.back ? 'button' : 'button button-primary'}
                blocked={blocked}
                onClick={() => {
                  asked.value = it;
                }}
              >
                {it.action}…
              </CommandButton>
            ))}
            {blocked === null ? null : <span class="small muted">{blocked}</span>}
          </div>
        )}
      </div>
      {asked.value === null ? null : (
        <ConfirmDialog
          title={`${asked.value.action}?`}
          confirmLabel={asked.value.action}
          danger={asked.value.final}
          busy={busy.value}
          disabled={blocked !== null}
          onConfirm={() => asked.value !== null && void apply(asked.value)}
          onCancel={() => {
            asked.value = null;
          }}
        >
          <p>{asked.value.meaning}</p>
          <NoteList label="Before you go on" notes={stepNotes(asked.value.to, props.setup, props.streams)} />
          {blocked === null ? null : <p class="field-error">{blocked}</p>}
        </ConfirmDialog>
      )}
    </section>
  );
};
