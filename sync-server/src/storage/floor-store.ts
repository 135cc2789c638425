import type { AppendReply, Store } from './store.ts';

const NEARLY_FULL: AppendReply = {
  type: 'storage-full',
  message: 'the disk of the data directory is nearly full: free some space, storing goes on by itself',
};

/**
 * A store that takes no reads while the disk is below its floor. What is left is for people's edits, for what deletes, and for
 * the store's own upkeep; forwarders keep their reads and send them later.
 */
export const guardFloor = <S extends Store>(store: S, isBelow: () => boolean): S => ({
  ...store,
  append: (command) => (isBelow() ? Promise.resolve(NEARLY_FULL) : store.append(command)),
});
