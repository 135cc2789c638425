import type { Ownership, StorageChoice } from '@baton/client-core';

const MODES: Readonly<Record<StorageChoice['mode'], string>> = {
  opfs: 'kept on this device (OPFS)',
  indexeddb: 'kept on this device (IndexedDB)',
  memory: 'in memory only: it goes with this page, and is fetched again',
};

/** Where the replica lies, in a line. */
export const storageText = (storage: StorageChoice): string => MODES[storage.mode];

/** Why it is not kept, in the browser's words; null: it is. */
export const storageProblem = ({ mode, refused }: StorageChoice): string | null => {
  if (mode !== 'memory') return null;
  const reasons = refused.map((it) => `${it.mode}: ${it.message}`).join('; ');
  const why =
    reasons === '' ? 'It does so on https addresses only.' : `${reasons}. Once that is mended, load this page again.`;
  return `This browser does not keep the reads. ${why}`;
};

export const ownershipText = (ownership: Ownership): string => {
  switch (ownership.type) {
    case 'opening':
      return 'Opening the database…';
    case 'owner':
      return 'This tab keeps the reads';
    case 'follower':
      return 'Another tab keeps the reads; this one shows them';
    case 'taking-over':
      return 'Taking over from another tab…';
    case 'unavailable':
      return `No database: ${ownership.message}`;
  }
};
