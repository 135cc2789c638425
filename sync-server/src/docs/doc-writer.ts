import { type Refusal, refusal } from '@baton/schema/errors';
import type { Log } from '@baton/schema/ports';
import type { CommitReply, Store } from '../storage/store.ts';

export interface DocWriterDeps {
  readonly store: Pick<Store, 'appendDoc' | 'compactDoc'>;
  readonly name: string;
  readonly log: Log;
  /** Sizes of the updates stored already, oldest first. */
  readonly stored: readonly number[];
  /** More stored updates than this are made one, once they are worth it. */
  readonly compactAfter: number;
  /** An update could not be stored: memory is now ahead of the disk. Called once. */
  readonly onBroken: (why: Refusal) => void;
  /** The disk failed in a way after which nothing may be acknowledged any more. */
  readonly onFailure: (message: string) => void;
}

/** Stores the updates of one document in the order they were made. */
export interface DocWriter {
  readonly write: (update: Uint8Array) => void;
  /** Resolves once everything written so far is on disk (null), or will never be. */
  readonly settled: () => Promise<Refusal | null>;
  /** Resolves once the store has answered everything, well or badly. */
  readonly drained: () => Promise<void>;
  readonly isIdle: () => boolean;
}

const refusalOf = (reply: Exclude<CommitReply, { type: 'committed' }>): Refusal =>
  reply.type === 'storage-full'
    ? refusal('STORAGE_FULL', 'the relay’s disk is full: the change was not stored; it goes on when there is space')
    : refusal('INTERNAL_ERROR', 'the relay could not store the change');

/** Many small updates behind a large one are read quickly: they are merged when they are half of it, or this many times `compactAfter`. */
const MAX_TAIL = 20;

/** When to compact: the work is in proportion to the whole, so it waits until there is something in proportion to gain. */
const createTally = (stored: readonly number[], compactAfter: number) => {
  let whole = stored[0] ?? 0;
  let tail = stored.slice(1).reduce((sum, size) => sum + size, 0);
  let count = stored.length;
  let notBefore = compactAfter;
  return {
    isDue: () => count > notBefore && (2 * tail >= whole || count > MAX_TAIL * compactAfter),
    added: (bytes: number): void => {
      count++;
      tail += bytes;
    },
    compacted: (updates: number, bytes: number, tailBytes: number): void => {
      count = Math.max(1, count - updates + 1);
      whole = bytes;
      tail = Math.max(0, tail - tailBytes);
      notBefore = compactAfter;
    },
    postpone: (): void => {
      notBefore = count + compactAfter;
    },
    tail: () => tail,
  };
};

export const createDocWriter = (deps: DocWriterDeps): DocWriter => {
  const tally = createTally(deps.stored, deps.compactAfter);
  let waiting = 0;
  let compacting = false;
  let broken: Refusal | null = null;
  let tail: Promise<Refusal | null> = Promise.resolve(null);

  const fail = (reply: Exclude<CommitReply, { type: 'committed' }>): Refusal => {
    if (reply.type === 'failed') deps.onFailure(reply.message);
    if (broken === null) {
      broken = refusalOf(reply);
      deps.onBroken(broken);
    }
    return broken;
  };

  /** A store that throws instead of answering has a defect: nothing may be acknowledged after it. */
  const guarded = async (run: () => Promise<Refusal | null>): Promise<Refusal | null> => {
    try {
      return await run();
    } catch (error) {
      return fail({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
    }
  };

  const enqueue = (run: () => Promise<Refusal | null>): void => {
    waiting++;
    const before = tail;
    const mine = guarded(run);
    tail = (async () => {
      const earlier = await before;
      const own = await mine;
      waiting--;
      return earlier ?? own;
    })();
  };

  const store = async (update: Uint8Array): Promise<Refusal | null> => {
    const reply = await deps.store.appendDoc(deps.name, update);
    if (reply.type !== 'committed') return fail(reply);
    tally.added(update.length);
    if (!compacting && tally.isDue()) void guarded(compact);
    return null;
  };

  /** Beside the writes, which do not wait for it: the store sees to it that nothing is lost. */
  const compact = async (): Promise<Refusal | null> => {
    compacting = true;
    const merged = tally.tail();
    const reply = await deps.store.compactDoc(deps.name);
    compacting = false;
    if (reply.type === 'failed') return fail(reply);
    if (reply.type === 'compacted') tally.compacted(reply.updates, reply.bytes, merged);
    else tally.postpone(); // the updates are as they were: again after as many more
    if (reply.type === 'kept') deps.log.warn('a document was not compacted', { doc: deps.name, reason: reply.reason });
    return null;
  };

  return {
    write: (update) => {
      if (broken === null) enqueue(() => store(update));
    },
    settled: async () => broken ?? (await tail),
    drained: async () => {
      await tail;
    },
    isIdle: () => waiting === 0,
  };
};
