import { bringBack, lackedBy } from '@baton/client-core';
import type { MeBody } from '@baton/schema/http';
import type { EventId } from '@baton/schema/ids';
import { useComputed, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { FollowedDoc } from '../platform/followed-doc.ts';
import { Notice } from '../ui/notice.tsx';
import type { DeviceDocuments } from './device-store.ts';

type Documents = ReadonlyMap<string, FollowedDoc>;
type Copies = ReadonlyMap<string, readonly Uint8Array[]>;

const lackedIn = (documents: Documents, copies: Copies): number =>
  [...documents].reduce((sum, [name, { doc }]) => sum + lackedBy(doc, copies.get(name) ?? []), 0);

const WaitingEdits = (props: { readonly edits: number; readonly onAdopt: () => void }): JSX.Element => (
  <Notice
    tone="warn"
    title={`${props.edits} ${props.edits === 1 ? 'edit' : 'edits'} of this event wait on this device under another access`}
    action={
      <button type="button" class="button" onClick={props.onAdopt}>
        Send them with mine
      </button>
    }
  >
    They were made in this browser with another link, and the relay does not have them. If that link has ended, nobody
    else can send them.
  </Notice>
);

const OlderCopy = (props: { readonly onBringBack: () => void; readonly onForget: () => void }): JSX.Element => (
  <Notice
    tone="warn"
    title="This device keeps a copy of this event that has more than the relay"
    action={
      <div class="row">
        <button type="button" class="button" onClick={props.onBringBack}>
          Bring it back
        </button>
        <button type="button" class="button" onClick={props.onForget}>
          Forget that copy
        </button>
      </div>
    }
  >
    It was kept in this browser under another link, from before the relay was restored or set up anew. If somebody has
    entered the event again by hand meanwhile, bringing it back makes two of everything.
  </Notice>
);

/** What this device keeps of the event under an access that may have ended: edits would wait for ever, and a relay may have lost the rest. */
export const LeftBehind = (props: {
  readonly me: MeBody;
  readonly eventId: EventId;
  readonly device: Pick<DeviceDocuments, 'leftBehind' | 'adopt' | 'keptBehind' | 'forgetBehind'>;
  readonly documents: Documents;
}): JSX.Element | null => {
  const { me, eventId, device, documents } = props;
  const edits = useSignal(0);
  const lacked = useSignal(0);
  // before that, nobody knows what the relay has
  const isSynced = useComputed(() => [...documents.values()].every(({ link }) => link.value.type === 'synced')).value;

  const look = async (): Promise<void> => {
    edits.value = await device.leftBehind(me, eventId);
    const copies = isSynced ? await device.keptBehind(me, eventId) : new Map<string, never>();
    lacked.value = lackedIn(documents, copies);
  };
  const adopt = async (): Promise<void> => {
    await device.adopt(me, eventId);
    await look();
  };
  const bringAllBack = async (): Promise<void> => {
    const copies = await device.keptBehind(me, eventId);
    for (const [name, { doc }] of documents) bringBack(doc, copies.get(name) ?? []);
    await look();
  };
  const forget = async (): Promise<void> => {
    await device.forgetBehind(me, eventId);
    await look();
  };
  useEffect(() => void look(), [eventId, isSynced]);

  if (edits.value > 0) return <WaitingEdits edits={edits.value} onAdopt={() => void adopt()} />;
  if (lacked.value === 0) return null;
  return <OlderCopy onBringBack={() => void bringAllBack()} onForget={() => void forget()} />;
};
