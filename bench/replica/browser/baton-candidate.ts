import { openSharedReplica, openTabLine, type StorageMode } from '@baton/client-core';
import { rowsOf, untilProjected } from '../answered.ts';
import { FIRST_AT_FINISH, RESULTS_TOP } from '../questions.ts';
import type { Candidate } from './candidate.ts';
import { ports } from './page-ports.ts';

const LIMITS = { openMs: 120_000, callMs: 120_000 };

/** The replica as the receiver's page opens it, but in this one storage; resolves once it is open. */
export const openBaton = async (mode: StorageMode): Promise<Candidate> => {
  const shared = openSharedReplica(
    {
      ...ports,
      locks: navigator.locks,
      onLifecycle: () => () => {},
      openLine: openTabLine,
      storage: { manager: navigator.storage, indexedDb: indexedDB },
      startWorker: () => new Worker(new URL('./replica-worker.ts', import.meta.url), { type: 'module' }),
      work: () => ({ onCommand: () => {}, end: async () => {} }),
    },
    { name: 'bench', modes: [mode], limits: LIMITS },
  );
  const { replica } = shared;
  await rowsOf(replica, 'SELECT 1');
  return {
    replica,
    ready: (reads) => untilProjected(replica, reads),
    firstAtFinish: async () => (await rowsOf(replica, FIRST_AT_FINISH)).length,
    results: async () => (await rowsOf(replica, RESULTS_TOP)).length,
  };
};
