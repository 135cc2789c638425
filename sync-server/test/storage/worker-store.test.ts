import { storeContract } from '@baton/testkit/store-contract';
import { openWorkerStore } from '../../src/storage/worker-store.ts';
import { temporaryDirectory } from './data-directory.ts';

storeContract(
  'SQLite in a worker thread',
  async () => {
    const directory = temporaryDirectory();
    const open = () =>
      openWorkerStore({
        dataDir: directory.path,
        onFailure: (message) => {
          throw new Error(message);
        },
      });
    let store = await open();
    return {
      store,
      reopen: async () => {
        await store.close();
        store = await open();
        return store;
      },
      dispose: async () => {
        await store.close();
        directory.remove();
      },
    };
  },
  { modelRuns: 15 },
);
