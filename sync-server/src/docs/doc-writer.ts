import { type Refusal, refusal } from '@baton/schema/errors';
import type { CommitReply, Store } from '../storage/store.ts';
import { createDocCompactor, type DocCompactorDeps, type EndOfUse } from './doc-compactor.ts';

export interface DocWriterDeps extends Omit<DocCompactorDeps, 'store' | 'onFailed'> {
  readonly store: Pick<Store, 'appendDoc' | 'compactDoc'>;
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
  /** Nothing is written any more. */
  readonly end: (how: EndOfUse) => void;
}

const refusalOf = (reply: Exclude<CommitReply, { type: 'committed' }>): Refusal =>
  reply.type === 'storage-full'
    ? refusal('STORAGE_FULL', 'the relay’s disk is full: the change was not stored; it goes on when there is space')
    : refusal('INTERNAL_ERROR', 'the relay could not store the change');

export const createDocWriter = (deps: DocWriterDeps): DocWriter => {
  let waiting = 0;
  let last: { readonly reply: Promise<CommitReply>; readonly sizes: number[] } | null = null;
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

  const compactor = createDocCompactor({ ...deps, onFailed: fail });

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

  const append = (update: Uint8Array): Promise<CommitReply> => {
    try {
      return deps.store.appendDoc(deps.name, update);
    } catch (error) {
      return Promise.reject(error);
    }
  };

  const storing = async (reply: Promise<CommitReply>, sizes: readonly number[]): Promise<Refusal | null> => {
    const answer = await reply;
    if (answer.type !== 'committed') return fail(answer);
    compactor.added(sizes);
    return null;
  };

  /** A store that takes updates together answers them with one promise, which is waited for once. */
  const store = (update: Uint8Array): void => {
    const reply = append(update);
    if (reply === last?.reply) {
      last.sizes.push(update.length);
      return;
    }
    const sizes = [update.length];
    last = { reply, sizes };
    enqueue(() => storing(reply, sizes));
  };

  return {
    write: (update) => {
      if (broken === null) store(update);
    },
    settled: async () => broken ?? (await tail),
    drained: async () => {
      await tail;
    },
    isIdle: () => waiting === 0,
    end: compactor.end,
  };
};
