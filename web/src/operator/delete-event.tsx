import type { EventBody } from '@baton/schema/http';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Announcer } from '../platform/announcer-store.ts';
import { CommandButton } from '../ui/command-button.tsx';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { Field } from '../ui/field.tsx';
import type { Commands } from './commands.ts';

/** Deletes an event for good, once its title was typed: nothing brings its reads back. */
export const DeleteEvent = (props: {
  readonly event: EventBody;
  readonly commands: Commands;
  readonly announcer: Announcer;
  readonly blocked: string | null;
  readonly onDeleted: () => void;
}): JSX.Element => {
  const { event, announcer, blocked } = props;
  const asking = useSignal(false);
  const typed = useSignal('');
  const busy = useSignal(false);
  const close = (): void => {
    asking.value = false;
    typed.value = '';
  };
  const remove = async (): Promise<void> => {
    busy.value = true;
    const outcome = await props.commands.deleteEvent(event.eventId);
    busy.value = false;
    close();
    if (outcome.type === 'failed') return announcer.fail(`${event.title} was not deleted: ${outcome.message}`);
    announcer.say(`${event.title} is deleted.`);
    props.onDeleted();
  };
  return (
    <section class="card card-body row row-between" aria-label="Delete the event">
      <p class="muted">Deletes the event with its set-up, roster, tokens and every read. It cannot be taken back.</p>
      <CommandButton
        class="button"
        blocked={blocked}
        onClick={() => {
          asking.value = true;
        }}
      >
        Delete event…
      </CommandButton>
      {asking.value ? (
        <ConfirmDialog
          title={`Delete ${event.title}?`}
          confirmLabel="Delete for good"
          danger
          busy={busy.value}
          disabled={typed.value.trim() !== event.title.trim() || blocked !== null}
          onConfirm={() => void remove()}
          onCancel={close}
        >
          <p>
            Every read of it goes too, at the relay. Forwarders and receivers keep what they hold and lose their access.
          </p>
          <Field id="delete-event-title" label={`Type the title to confirm: ${event.title}`}>
            <input
              id="delete-event-title"
              autocomplete="off"
              spellcheck={false}
              value={typed.value}
              onInput={(input) => {
                typed.value = input.currentTarget.value;
              }}
            />
          </Field>
          {blocked === null ? null : <p class="field-error">{blocked}</p>}
        </ConfirmDialog>
      ) : null}
    </section>
  );
};
