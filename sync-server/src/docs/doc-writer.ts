import type { Refusal } from '@baton/schema/errors';
import { refusal } from '@baton/schema/errors';
import type { CommitReply, Store } from '../storage/store.ts';

export interface DocWriterDeps {
  readonly store: Pick<Store, 'appendDoc' | 'compactDoc'>;
  readonly name: string;
  /** Updates stored already. */
  readonly stored: number;
  /** More stored updates than this are made one. */
  readonly compactAfter: number;
  /** The document's whole state, as one update. */
  readonly encodeState: () => Uint8Array;
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

export const createDocWriter = (deps: DocWriterDeps): DocWriter => {
  let { stored } = deps;
  let compactAt = deps.compactAfter;
  let waiting = 0;
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
      if (waiting === 0 && broken === null && stored > compactAt) enqueue(compact);
      return earlier ?? own;
    })();
  };

  const store = async (update: Uint8Array): Promise<Refusal | null> => {
    const reply = await deps.store.appendDoc(deps.name, update);
    if (reply.type !== 'committed') return fail(reply);
    stored++;
    return null;
  };

  /** Only while nothing waits: the state in memory is then exactly what the stored updates say. */
  const compact = async (): Promise<Refusal | null> => {
    const replaces = stored;
    const reply = await deps.store.compactDoc(deps.name, deps.encodeState(), replaces);
    if (reply.type === 'failed') return fail(reply);
    if (reply.type === 'committed') stored = stored - replaces + 1;
    // a full disk leaves the updates as they were: try again after as many more
    compactAt = reply.type === 'committed' ? deps.compactAfter : stored + deps.compactAfter;
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
