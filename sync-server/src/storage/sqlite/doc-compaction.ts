import type { MergeOutcome } from '../merge-updates.ts';
import type { CompactReply } from '../store.ts';
import type { DocExtent, DocRow } from './doc-rows.ts';
import type { SqliteCore } from './sqlite-core.ts';

/** Rows read in one step: about a millisecond of the store's thread. */
const ROWS_PER_STEP = 256;
/** Documents beyond this are left as they are: rebuilding one takes about ten times its size in memory. */
const MAX_BYTES = 64 * 1024 * 1024;

export interface DocCompaction {
  /** Whether there is something to do right now; not while another thread merges. */
  readonly isReady: () => boolean;
  /** A small piece of work; the reply once it is over. */
  readonly step: () => CompactReply | null;
}

type Phase =
  | { readonly type: 'reading'; readonly after: number }
  | { readonly type: 'merging' }
  | { readonly type: 'merged'; readonly outcome: MergeOutcome };

const kept = (reason: string): CompactReply => ({ type: 'kept', reason });

/**
 * Replaces the updates that a document has now by one, in pieces between which appends go on: rows are read a few at a
 * time, merged elsewhere, and replaced in one transaction, and only if they are still exactly those that were read.
 * Whatever ends it before that leaves them as they are.
 */
export const startDocCompaction = (
  core: Pick<SqliteCore, 'docExtent' | 'docRows' | 'replaceDoc'>,
  name: string,
  merge: (updates: readonly Uint8Array[]) => Promise<MergeOutcome>,
  onReady: () => void,
): DocCompaction => {
  let extent: DocExtent | null = null;
  let phase: Phase = { type: 'reading', after: 0 };
  let rows: DocRow[] = [];

  const startMerging = async (): Promise<void> => {
    const updates = rows.map(({ bytes }) => bytes);
    rows = [];
    phase = { type: 'merged', outcome: await merge(updates) };
    onReady();
  };

  const read = (after: number): CompactReply | null => {
    extent ??= core.docExtent(name);
    if (extent === null || extent.count < 2) return kept('there is nothing to merge');
    if (extent.bytes > MAX_BYTES) return kept(`the document has more than ${MAX_BYTES} bytes`);
    const more = core.docRows(extent, after, ROWS_PER_STEP);
    rows.push(...more);
    const last = more.at(-1)?.ref ?? extent.last;
    phase = last < extent.last ? { type: 'reading', after: last } : { type: 'merging' };
    if (phase.type === 'merging') void startMerging();
    return null;
  };

  const replace = (outcome: MergeOutcome): CompactReply => {
    if (extent === null || outcome.type === 'not-merged') {
      return kept(outcome.type === 'not-merged' ? outcome.reason : 'there is nothing to merge');
    }
    const reply = core.replaceDoc(extent, outcome.state);
    if (reply.type === 'not-there') return kept('the document was deleted or compacted meanwhile');
    if (reply.type !== 'committed') return reply;
    return { type: 'compacted', updates: extent.count, bytes: outcome.state.length };
  };

  return {
    isReady: () => phase.type !== 'merging',
    step: () => {
      switch (phase.type) {
        case 'reading':
          return read(phase.after);
        case 'merging':
          return null;
        case 'merged':
          return replace(phase.outcome);
      }
    },
  };
};
