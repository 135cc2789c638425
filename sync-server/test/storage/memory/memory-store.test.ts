import { storeContract } from '@baton/testkit/store-contract';
import { createMemoryDisk } from '../../../src/storage/memory/memory-disk.ts';
import { createMemoryStore } from '../../../src/storage/memory/memory-store.ts';

storeContract('memory', async () => {
  const disk = createMemoryDisk();
  let store = createMemoryStore(disk);
  return {
    store,
    reopen: async () => {
      await store.close();
      store = createMemoryStore(disk);
      return store;
    },
    dispose: () => store.close(),
  };
});
