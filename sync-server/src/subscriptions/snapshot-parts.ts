import type { SnapshotPayload } from './live-message.ts';
import type { Doc } from './shelf.ts';

/** Documents of a part: with its frame it must stay below 64 KiB. */
const PART_BYTES = 48 * 1024;

/** Packs documents into messages of a bounded size. */
export interface SnapshotParts {
  readonly add: (doc: Doc) => void;
  /** Sends the last part, which says so. */
  readonly end: (place: string) => void;
  /** What has not been sent is not. */
  readonly drop: () => void;
}

export const createSnapshotParts = (subId: string, send: (payload: SnapshotPayload) => void): SnapshotParts => {
  let documents: string[] = [];
  let bytes = 0;

  const flush = (last: Pick<SnapshotPayload, 'complete' | 'place'>): void => {
    send({ subId, documents, ...last });
    documents = [];
    bytes = 0;
  };

  return {
    add: (doc) => {
      const text = JSON.stringify(doc);
      const size = Buffer.byteLength(text) + 1;
      if (documents.length > 0 && bytes + size > PART_BYTES) flush({ complete: false });
      documents.push(text);
      bytes += size;
    },
    drop: () => {
      documents = [];
      bytes = 0;
    },
    end: (place) => flush({ complete: true, place }),
  };
};
