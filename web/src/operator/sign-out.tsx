import type { MeBody } from '@baton/schema/http';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import type { DeviceStore } from './device-store.ts';

const docWord = (name: string): string => {
  if (name.endsWith('/setup')) return 'in the setup';
  return name.endsWith('/roster') ? 'in the roster' : `in ${name}`;
};

const lossWords = (unsaved: ReadonlyMap<string, number>): string =>
  [...unsaved].map(([name, edits]) => `${edits} ${edits === 1 ? 'edit' : 'edits'} ${docWord(name)}`).join(', ');

/** Leaves, and takes what this device keeps along; asks first when that is the only place of an edit. */
export const SignOut = (props: {
  readonly me: MeBody;
  readonly device: DeviceStore;
  /** Edits of this very page that the relay has not confirmed. */
  readonly unsavedHere: boolean;
  readonly onSignOut: () => void;
}): JSX.Element => {
  const asking = useSignal<string | null>(null);

  const leave = (): void => {
    asking.value = null;
    const { me, device } = props;
    props.onSignOut(); // closes the documents
    void device.forget(me);
  };

  const begin = async (): Promise<void> => {
    const unsaved = await props.device.unsaved(props.me);
    if (unsaved.size > 0) asking.value = lossWords(unsaved);
    else if (props.unsavedHere) asking.value = 'the edits you just made';
    else leave();
  };

  return (
    <>
      <button type="button" class="button button-small" onClick={() => void begin()}>
        Sign out
      </button>
      {asking.value === null ? null : (
        <ConfirmDialog
          title="Sign out and lose edits?"
          confirmLabel="Sign out and lose them"
          danger
          onConfirm={leave}
          onCancel={() => {
            asking.value = null;
          }}
        >
          <p>
            {`Only this device has ${asking.value}, and signing out deletes what it has. Cancel, wait for “Saved on the relay”, then sign out.`}
          </p>
        </ConfirmDialog>
      )}
    </>
  );
};
