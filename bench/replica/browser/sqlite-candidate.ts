import { FIRST_AT_FINISH } from '../questions.ts';
import type { Candidate } from './candidate.ts';
import { foreignReplica } from './foreign-replica.ts';
import { readyOnce } from './ready-once.ts';
import type { SqliteCall } from './sqlite-worker.ts';

/** Asks the worker, one call at a time in the order of asking. */
const createAsk = (worker: Worker) => {
  const waiting: ((rows: number) => void)[] = [];
  worker.addEventListener('message', ({ data }: MessageEvent<number>) => waiting.shift()?.(data));
  const answer = (): Promise<number> => new Promise((resolve) => void waiting.push(resolve));
  return {
    opened: answer(),
    ask: (call: SqliteCall): Promise<number> => {
      const answered = answer();
      worker.postMessage(call);
      return answered;
    },
  };
};

export const openSqlite = async (): Promise<Candidate> => {
  const worker = new Worker(new URL('./sqlite-worker.ts', import.meta.url), { type: 'module' });
  worker.addEventListener('error', ({ message }) => console.error(`sqlite: ${message}`));
  const { opened, ask } = createAsk(worker);
  await opened;
  const { store, ready } = readyOnce({
    store: async (frames) => {
      // a batch is a view of a larger buffer: cloning it would clone all of that
      await ask({ type: 'store', frames: frames.map((frame) => ({ ...frame, batch: frame.batch.slice() })) });
    },
    setup: async ({ participants, chips }) => {
      await ask({ type: 'setup', rows: { participants, chips } });
    },
  });
  return {
    replica: foreignReplica(store),
    ready,
    firstAtFinish: () => ask({ type: 'count', sql: FIRST_AT_FINISH }),
    results: null,
  };
};
