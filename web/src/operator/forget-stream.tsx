import type { StreamBody } from '@baton/schema/http';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Announcer } from '../platform/announcer-store.ts';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import type { Commands } from './commands.ts';

/** Asks before everything that the set-up says of a stream goes; the relay refuses while its forwarder is there. */
export const ForgetStream = (props: {
  readonly stream: StreamBody;
  readonly title: string;
  readonly commands: Commands;
  readonly announcer: Announcer;
  readonly blocked: string | null;
  readonly onEnd: () => void;
}): JSX.Element => {
  const { stream, title, announcer } = props;
  const busy = useSignal(false);
  const forget = async (): Promise<void> => {
    busy.value = true;
    const outcome = await props.commands.deleteStream(stream.streamId);
    props.onEnd();
    if (outcome.type === 'done') announcer.say(`The set-up of ${title} is forgotten.`);
    else announcer.fail(`The set-up of ${title} was not forgotten: ${outcome.message}`);
  };
  return (
    <ConfirmDialog
      title={`Forget the set-up of ${title}?`}
      confirmLabel="Forget it"
      danger
      busy={busy.value}
      disabled={props.blocked !== null}
      onConfirm={() => void forget()}
      onCancel={props.onEnd}
    >
      <p>
        Its label, its timing point and the names of its epochs go, and none of its epochs belongs to a race any more.
        No read is lost, and the stream stays in this list.
      </p>
      {props.blocked === null ? null : <p class="field-error">{props.blocked}</p>}
    </ConfirmDialog>
  );
};
