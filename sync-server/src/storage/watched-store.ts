import type { Store } from './store.ts';

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

  return {
    ...store,
    commit: (changes) => noting(store.commit(changes)),
    append: (command) => noting(store.append(command)),
    appendDoc: (name, update) => noting(store.appendDoc(name, update)),
    compactDoc: (name) => noting(store.compactDoc(name)),
    isWritable: () => writable,
  };
};
