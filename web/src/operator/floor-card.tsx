import type { EventBody } from '@baton/schema/http';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Announcer } from '../platform/announcer-store.ts';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { Field } from '../ui/field.tsx';
import type { Commands } from './commands.ts';

const VERSION = /^(?:0|[1-9]\d{0,4})\.(?:0|[1-9]\d{0,4})$/;

/** The oldest version that may write in this event, and the way to raise it. */
export const FloorCard = (props: {
  readonly event: EventBody;
  readonly commands: Commands;
  readonly announcer: Announcer;
  readonly onChanged: () => void;
}): JSX.Element => {
  const { event, commands, announcer } = props;
  const wanted = useSignal('');
  const asking = useSignal(false);
  const busy = useSignal(false);
  const version = wanted.value.trim();
  const apply = async (): Promise<void> => {
    busy.value = true;
    const outcome = await commands.setVersionFloor(event.eventId, version);
    busy.value = false;
    asking.value = false;
    if (outcome.type === 'failed') return announcer.fail(`The version floor was not changed: ${outcome.message}`);
    wanted.value = '';
    announcer.say(`The oldest version that may write is now ${version}.`);
    props.onChanged();
  };
  return (
    <section class="card card-body" aria-label="Version floor">
      <form
        class="row"
        onSubmit={(submit) => {
          submit.preventDefault();
          asking.value = VERSION.test(version);
        }}
      >
        <Field
          id="version-floor"
          label="Oldest version that may write"
          hint={
            event.minClientVersion === null
              ? 'Every version may write now.'
              : `Now ${event.minClientVersion}; it only goes up.`
          }
          error={version === '' || VERSION.test(version) ? null : 'Two numbers, such as 1.10'}
        >
          <input
            id="version-floor"
            inputMode="decimal"
            autoComplete="off"
            placeholder="MAJOR.MINOR"
            aria-describedby="version-floor-help"
            value={wanted.value}
            onInput={(input) => {
              wanted.value = input.currentTarget.value;
            }}
          />
        </Field>
        <button type="submit" class="button" disabled={!VERSION.test(version)}>
          Raise
        </button>
      </form>
      {asking.value ? (
        <ConfirmDialog
          title={`Raise the floor to ${version}?`}
          confirmLabel="Raise it"
          danger
          busy={busy.value}
          onConfirm={() => void apply()}
          onCancel={() => {
            asking.value = false;
          }}
        >
          <p>
            Nodes with an older version go on reading; what they write is refused at once. It cannot be lowered again.
          </p>
        </ConfirmDialog>
      ) : null}
    </section>
  );
};
