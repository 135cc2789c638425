import type { Timer, Timers } from '@baton/schema/ports';
import type { ReadsFrame } from '@baton/schema/protocol';
import type { ApplyReply, Replica } from '../replica/replica.ts';

export interface CommitQueueDeps {
  readonly replica: Pick<Replica, 'applyReads'>;
  readonly timers: Timers;
  /** Whether this many queued reads should wait for more. */
  readonly mayWait: (queuedReads: number) => boolean;
  /** A transaction of frames with `reads` reads ended. */
  readonly onReply: (reply: ApplyReply, reads: number) => void;
}

/**
 * Frames on their way into the replica, one transaction at a time: what comes while one runs goes into the
 * next as a whole. So a live read is stored at once, and a flood is stored in few big transactions. What
 * it can hold is bounded by the credit that the relay was given.
 */
export interface CommitQueue {
  readonly push: (frame: ReadsFrame, reads: number) => void;
  /** Conditions of `mayWait` have changed. */
  readonly wake: () => void;
  /** Drops what no transaction has taken yet. */
  readonly clear: () => void;
  /** Resolves when no transaction is under way. */
  readonly idle: () => Promise<void>;
}

const RETRY_FULL_MS = 2000;

/** @param joinMs longest that a frame waits for others */
export const createCommitQueue = (deps: CommitQueueDeps, joinMs: number): CommitQueue => {
  let frames: ReadsFrame[] = [];
  let queued = 0;
  let storing: Promise<void> | null = null;
  let deadline: Timer | null = null;
  /** Set while there is no space. */
  let retry: Timer | null = null;
  /** Rises with each `clear`: what was taken before is not put back. */
  let era = 0;

  const take = (): readonly [readonly ReadsFrame[], number] => {
    const taken = [frames, queued] as const;
    deadline?.clear();
    deadline = null;
    frames = [];
    queued = 0;
    return taken;
  };

  const clear = (): void => {
    era++;
    retry?.clear();
    retry = null;
    take();
  };

  const store = (): void => {
    const [taken, reads] = take();
    const mine = era;
    storing = deps.replica.applyReads(taken).then((reply) => {
      storing = null;
      deps.onReply(reply, reads);
      if (reply.type === 'full' && mine === era) putBack(taken, reads);
      else wake();
    });
  };

  /** Tried again in a while; the credit that they hold keeps the relay from sending more. */
  const putBack = (taken: readonly ReadsFrame[], reads: number): void => {
    frames = [...taken, ...frames];
    queued += reads;
    retry = deps.timers.after(RETRY_FULL_MS, () => {
      retry = null;
      wake();
    });
  };

  const wake = (): void => {
    if (storing !== null || retry !== null || frames.length === 0) return;
    if (!deps.mayWait(queued)) return store();
    deadline ??= deps.timers.after(joinMs, () => {
      if (storing === null && retry === null && frames.length > 0) store();
    });
  };

  return {
    push: (frame, reads) => {
      frames.push(frame);
      queued += reads;
      wake();
    },
    wake,
    clear,
    idle: async () => {
      while (storing !== null) await storing;
    },
  };
};
