import type { JSX } from 'preact';
import { Notice } from '../ui/notice.tsx';
import type { ReceiverDesk } from './desk.ts';
import { ownershipText, storageText } from './replica-words.ts';
import { isNearlyFull, spaceText } from './storage-words.ts';

const PERSISTENCE_WORDS = {
  persisted: 'yes: the browser does not clear it by itself',
  'may-be-cleared': 'no: the browser may clear it when space is short; it is then fetched again',
  unknown: 'this browser does not say',
} as const;

/** Where the reads lie on this device, how much room there is, and whether they stay. */
export const StorageCard = ({ desk }: { readonly desk: ReceiverDesk }): JSX.Element => {
  const [ownership, storage] = [desk.replica.ownership.value, desk.replica.storage.value];
  const standing = desk.storage.standing.value;
  const space = standing === null ? null : spaceText(standing);
  return (
    <section class="card" aria-labelledby="storage-title">
      <div class="card-head">
        <h2 id="storage-title">This device</h2>
      </div>
      <div class="card-body stack">
        {standing !== null && isNearlyFull(standing) ? (
          <Notice tone="warn" title="The browser’s space for this page is nearly used up">
            When it is, nothing more is stored here. Make space on the disk; what the relay has is not touched.
          </Notice>
        ) : null}
        <dl class="facts facts-wide">
          <div>
            <dt>Reads are</dt>
            <dd>{storage === null ? 'not open yet' : storageText(storage)}</dd>
          </div>
          <div>
            <dt>Tab</dt>
            <dd>{ownershipText(ownership)}</dd>
          </div>
          <div>
            <dt>Space</dt>
            <dd>{space ?? 'this browser does not say'}</dd>
          </div>
          <div>
            <dt>Stays</dt>
            <dd>
              {storage?.mode === 'memory'
                ? 'no: it goes with this page'
                : PERSISTENCE_WORDS[standing?.persistence ?? desk.persistence]}
            </dd>
          </div>
        </dl>
      </div>
    </section>
  );
};
