import type { RelayBody } from '@baton/schema/http';
import type { JSX } from 'preact';
import { Notice } from '../ui/notice.tsx';
import { sizeText } from '../ui/size-text.ts';
import { countText } from '../ui/time-text.ts';
import { Fact } from './fact.tsx';
import { backupWord, isDiskLow, waitingText } from './relay-words.ts';

const sizeOr = (bytes: number | null): string => (bytes === null ? 'not known' : sizeText(bytes));

/** What is stored, how much room there is, and whether there is a copy. */
export const StorageCard = (props: { readonly storage: RelayBody['storage']; readonly now: number }): JSX.Element => {
  const { storage, now } = props;
  const { freeBytes, diskBytes } = storage;
  const backup = backupWord(storage, now);
  return (
    <section class="card" aria-labelledby="storage-title">
      <div class="card-head">
        <h2 id="storage-title">Storage</h2>
      </div>
      <div class="card-body stack">
        {isDiskLow(storage) ? (
          <Notice tone="warn" title="The disk is nearly full">
            When it is, forwarders keep their reads and nothing is lost, but nothing new is stored. Free some space.
          </Notice>
        ) : null}
        <dl class="facts admin-facts">
          <Fact name="Reads stored">{countText(storage.reads)}</Fact>
          <Fact name="Data directory">{sizeOr(storage.dataBytes)}</Fact>
          <Fact name="Disk" under={diskBytes === null ? null : `of ${sizeText(diskBytes)}`}>
            {freeBytes === null ? 'not known' : `${sizeText(freeBytes)} free`}
          </Fact>
          <Fact name="Last backup" tone={backup.tone} under={backup.under}>
            {backup.text}
          </Fact>
          <Fact name="Waiting to be written">{waitingText(storage)}</Fact>
        </dl>
      </div>
    </section>
  );
};
