import type { AppendReply, CommitReply, Store } from './store.ts';

/** What is seen of a store from outside: enough to say whether it stores. */
export interface StoreSight {
  /** What became of the last thing that had to be written. `failed` is for good. */
  readonly lastWrite: 'stored' | 'full' | 'failed';
  /** Writes that wait for their sync. */
  readonly waiting: number;
  /** Bytes of reads among them. */
  readonly waitingBytes: number;
  /** For how many ms writes have been waiting without one answer; 0 when none waits. */
  readonly stillMs: number;
}

/** A store that is looked at while it works. */
export interface WatchedStore extends Store {
  readonly sight: () => StoreSight;
}

export interface StoreWatching {
  /** Milliseconds of a clock that nobody sets. */
  readonly mono: () => number;
  /** How an append ended and after how many ms; called before the asker hears of it. */
  readonly onAppend?: (outcome: AppendReply['type'], ms: number) => void;
}

const STORED: ReadonlySet<string> = new Set(['committed', 'accepted', 'compacted']);

/** Forwarders try again at least twice as often: what is not refused any more was forgotten or stored by then. */
const FORGET_MS = 60_000;

export const watchStore = (store: Store, { mono, onAppend = () => {} }: StoreWatching): WatchedStore => {
  let lastWrite: StoreSight['lastWrite'] = 'stored';
  let waiting = 0;
  let waitingBytes = 0;
  let stillSince = 0;

  /** The last refused write that is no older than `FORGET_MS`: a smaller one that is stored does not prove room for it. */
  let refused = { bytes: 0, at: 0 };

  const noteStored = (bytes: number): void => {
    if (bytes >= refused.bytes || mono() - refused.at >= FORGET_MS) lastWrite = 'stored';
  };

  const note = (type: string, bytes: number): void => {
    if (lastWrite === 'failed') return;
    if (type === 'failed') lastWrite = 'failed';
    else if (type === 'storage-full') {
      lastWrite = 'full';
      refused = { bytes, at: mono() };
    }
    // a gap or a conflict says nothing about the disk
    else if (STORED.has(type)) noteStored(bytes);
  };

  const noting = async <Reply extends { readonly type: string }>(
    reply: Promise<Reply>,
    bytes: number,
  ): Promise<Reply> => {
    const it = await reply;
    note(it.type, bytes);
    return it;
  };

  /** As `noting`, and counted among what waits. */
  const waitingFor = async <Reply extends { readonly type: string }>(
    reply: Promise<Reply>,
    bytes = 0,
  ): Promise<Reply> => {
    if (waiting === 0) stillSince = mono();
    waiting += 1;
    waitingBytes += bytes;
    try {
      return await noting(reply, bytes);
    } finally {
      waiting -= 1;
      waitingBytes -= bytes;
      stillSince = mono();
    }
  };

  const append: Store['append'] = async (command) => {
    const startedAt = mono();
    const reply = await waitingFor(store.append(command), command.batch.length);
    onAppend(reply.type, mono() - startedAt);
    return reply;
  };

  /** A store answers the updates that it takes together with one promise; it is noted once. */
  let lastAppend: { readonly reply: Promise<CommitReply>; readonly noted: Promise<CommitReply> } | null = null;
  const appendDoc: Store['appendDoc'] = (name, update) => {
    const reply = store.appendDoc(name, update);
    if (reply !== lastAppend?.reply) lastAppend = { reply, noted: waitingFor(reply) };
    return lastAppend.noted;
  };

  return {
    ...store,
    commit: (changes) => waitingFor(store.commit(changes)),
    append,
    appendDoc,
    // it takes its time in quiet moments: nobody waits for it
    compactDoc: (name) => noting(store.compactDoc(name), 0),
    sight: () => ({ lastWrite, waiting, waitingBytes, stillMs: waiting === 0 ? 0 : mono() - stillSince }),
  };
};
