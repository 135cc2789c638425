import type { Log, Timer, Timers } from '@baton/schema/ports';
import type { CompactReply, Store } from '../storage/store.ts';
import {
  type CompactionBounds,
  decideCompaction,
  rowsAdded,
  rowsCompacted,
  rowsFound,
  rowsKept,
} from './compaction-decision.ts';

export interface DocCompactorDeps {
  readonly store: Pick<Store, 'compactDoc'>;
  readonly name: string;
  readonly timers: Timers;
  readonly log: Log;
  readonly compaction: CompactionBounds;
  /** Sizes of the updates stored already, oldest first. */
  readonly stored: readonly number[];
  /** The disk failed. */
  readonly onFailed: (reply: CompactReply & { readonly type: 'failed' }) => void;
}

/** `left`: nobody uses the document any more. `dropped`: it is given up, or the relay stops. */
export type EndOfUse = 'left' | 'dropped';

/** Has the stored updates of one document made one, in its quiet moments and beside the writes, which do not wait for it. */
export interface DocCompactor {
  /** Updates of these sizes were stored. */
  readonly added: (sizes: readonly number[]) => void;
  /** Looks no more. What was left for a quiet moment is done now where it is left, and when it is opened again where it was dropped. */
  readonly end: (how: EndOfUse) => void;
}

const asFailed = (error: unknown): CompactReply & { readonly type: 'failed' } => ({
  type: 'failed',
  message: error instanceof Error ? error.message : String(error),
});

export const createDocCompactor = (deps: DocCompactorDeps): DocCompactor => {
  const { timers } = deps;
  let rows = rowsFound(deps.stored, timers.mono());
  let looking: Timer | null = null;
  let compacting = false;
  let ended = false;

  const stopLooking = (): void => {
    looking?.clear();
    looking = null;
  };

  const look = (now: number): void => {
    if (ended || compacting) return;
    const decision = decideCompaction(rows, deps.compaction, now);
    if (decision.type === 'compact') void compact();
    if (decision.type === 'look-again') {
      looking ??= timers.after(decision.ms, () => {
        looking = null;
        look(timers.mono());
      });
    }
  };

  /** A store that throws instead of answering has a defect, and is a failed one. */
  const ask = async (): Promise<CompactReply> => {
    try {
      return await deps.store.compactDoc(deps.name);
    } catch (error) {
      return asFailed(error);
    }
  };

  const compact = async (): Promise<void> => {
    stopLooking();
    compacting = true;
    const asked = rows;
    const reply = await ask();
    compacting = false;
    if (reply.type === 'failed') return deps.onFailed(reply);
    rows = reply.type === 'compacted' ? rowsCompacted(rows, asked, reply) : rowsKept(rows);
    if (reply.type === 'kept') deps.log.warn('a document was not compacted', { doc: deps.name, reason: reply.reason });
    look(timers.mono());
  };

  look(timers.mono());

  return {
    added: (sizes) => {
      const now = timers.mono();
      rows = rowsAdded(rows, sizes, now);
      look(now);
    },
    end: (how) => {
      if (how === 'left') look(Number.POSITIVE_INFINITY); // nothing will come
      stopLooking();
      ended = true;
    },
  };
};
