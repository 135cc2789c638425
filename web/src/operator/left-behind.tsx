import type { MeBody } from '@baton/schema/http';
import type { EventId } from '@baton/schema/ids';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { Notice } from '../ui/notice.tsx';
import type { DeviceDocuments } from './device-store.ts';

/** Edits that were made on this device with an access that may have ended: they would wait for ever. */
export const LeftBehind = (props: {
  readonly me: MeBody;
  readonly eventId: EventId;
  readonly documents: Pick<DeviceDocuments, 'leftBehind' | 'adopt'>;
}): JSX.Element | null => {
  const { me, eventId, documents } = props;
  const edits = useSignal(0);

  const look = async (): Promise<void> => {
    edits.value = await documents.leftBehind(me, eventId);
  };
  const adopt = async (): Promise<void> => {
    await documents.adopt(me, eventId);
    await look();
  };
  useEffect(() => void look(), [eventId]);

  if (edits.value === 0) return null;
  return (
    <Notice
      tone="warn"
      title={`${edits.value} ${edits.value === 1 ? 'edit' : 'edits'} of this event wait on this device under another access`}
      action={
        <button type="button" class="button" onClick={() => void adopt()}>
          Send them with mine
        </button>
      }
    >
      They were made in this browser with another link, and the relay does not have them. If that link has ended, nobody
      else can send them.
    </Notice>
  );
};
