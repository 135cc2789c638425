import type { QueryRows, Replica } from '@baton/client-core';
import { now } from '../support/measure-times.ts';
import { SEEN } from './questions.ts';

/** Rows of a statement that must succeed. */
export const rowsOf = async (replica: Pick<Replica, 'query'>, sql: string): Promise<QueryRows> => {
  const rows = await replica.query(sql);
  if (!rows.ok) throw new Error(`${sql}: ${rows.error.message}`);
  return rows.value;
};

/** Resolves once the tables of results contain this many reads. */
export const untilProjected = (replica: Replica, reads: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const look = async (): Promise<void> => {
      const [row] = await rowsOf(replica, SEEN);
      if (row?.['seen'] !== reads) return;
      stop();
      resolve();
    };
    const stop = replica.onChange(({ type }) => {
      if (type === 'results') look().catch(reject);
    });
    look().catch(reject);
  });

/** Resolves once this many reads are committed; nothing may have been held before. */
export const untilHeld = (replica: Replica, reads: number): Promise<void> =>
  new Promise((resolve) => {
    let held = 0;
    const stop = replica.onCommit(({ stored }) => {
      held += stored;
      if (held < reads) return;
      stop();
      resolve();
    });
  });

/** Milliseconds of each of `times` runs, one after the other. */
export const timed = async (times: number, run: () => Promise<unknown>): Promise<readonly number[]> => {
  const took: number[] = [];
  for (let index = 0; index < times; index++) {
    const from = now();
    await run();
    took.push(now() - from);
  }
  return took;
};
