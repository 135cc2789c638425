import type { CommitReply, Store } from './store.ts';

/** A store that remembers whether the last thing it had to write was written. */
export interface WatchedStore extends Store {
  readonly isWritable: () => boolean;
}

export const watchStore = (store: Store): WatchedStore => {
  let writable = true;

  const noting = async <Reply extends { readonly type: string }>(reply: Promise<Reply>): Promise<Reply> => {
    const { type } = await reply;
    // a gap or a conflict says nothing about the disk
    if (type === 'storage-full' || type === 'failed') writable = false;
    else if (type === 'committed' || type === 'accepted' || type === 'compacted') writable = true;
    return reply;
  };

  /** A store answers the updates of one turn with one promise; it is noted once. */
  let lastAppend: { readonly reply: Promise<CommitReply>; readonly noted: Promise<CommitReply> } | null = null;
  const appendDoc: Store['appendDoc'] = (name, update) => {
    const reply = store.appendDoc(name, update);
    if (reply !== lastAppend?.reply) lastAppend = { reply, noted: noting(reply) };
    return lastAppend.noted;
  };

  return {
    ...store,
    commit: (changes) => noting(store.commit(changes)),
    append: (command) => noting(store.append(command)),
    appendDoc,
    compactDoc: (name) => noting(store.compactDoc(name)),
    isWritable: () => writable,
  };
};
