import type { JSX } from 'preact';
import type { Persistence } from '../platform/device-storage.ts';
import { Notice } from '../ui/notice.tsx';
import type { ReplicaStore } from './replica-store.ts';
import { ownershipText, storageProblem, storageText } from './replica-words.ts';

const PERSISTENCE: Readonly<Record<Persistence, string>> = {
  persisted: 'The browser does not clear it by itself.',
  'may-be-cleared': 'The browser may clear it when space is short; it is then fetched again.',
  unknown: '',
};

/** The foot of the page: who keeps the reads, where, and whether they stay. */
export const ReplicaLine = (props: {
  readonly store: ReplicaStore;
  readonly persistence: Persistence;
}): JSX.Element => {
  const ownership = props.store.ownership.value;
  const storage = props.store.storage.value;
  const kept = storage === null || storage.mode === 'memory' ? '' : PERSISTENCE[props.persistence];
  return (
    <p class="kept-line small muted" data-ownership={ownership.type} data-storage={storage?.mode ?? ''}>
      {ownershipText(ownership)}
      {storage === null ? '' : `, ${storageText(storage)}.`} {kept}
    </p>
  );
};

/** What a person has to know before they rely on it. */
export const ReplicaNotice = (props: { readonly store: ReplicaStore }): JSX.Element | null => {
  const ownership = props.store.ownership.value;
  const storage = props.store.storage.value;
  if (ownership.type === 'unavailable' && ownership.reason !== 'closed') {
    return (
      <Notice tone="bad" title="The reads cannot be kept or shown in this tab">
        {ownership.message}
      </Notice>
    );
  }
  const problem = storage === null ? null : storageProblem(storage);
  return problem === null ? null : (
    <Notice tone="warn" title="Reads are in memory only">
      {problem}
    </Notice>
  );
};
