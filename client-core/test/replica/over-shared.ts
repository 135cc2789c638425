import type { Log } from '@baton/schema/ports';
import { ok } from '@baton/schema/result';
import type { HealingDatabase } from '../../src/replica/healing-database.ts';
import type { Answer, Arguments, Method } from '../../src/replica/pglite-calls.ts';
import type { PgliteDatabase } from '../../src/replica/pglite-database.ts';
import type { Replica } from '../../src/replica/replica.ts';
import { replicaOver } from '../../src/replica/replica-over.ts';
import { realTimers } from './real-timers.ts';

/** A whole replica over a database of this process: calls one after the other, as a thread answers them. */
export const replicaOverDatabase = (database: PgliteDatabase, log: Log): Replica => {
  let closed = false;
  let last: Promise<unknown> = Promise.resolve();
  const healing: HealingDatabase = {
    ask: <M extends Method>(method: M, ...args: Arguments<M>) => {
      const call = database[method] as (...args: Arguments<M>) => Promise<Answer<M>>;
      const answer = last.then(() => call(...args)).then((value) => ok(value));
      last = answer;
      return answer;
    },
    generation: () => 1,
    isClosed: () => closed,
    close: async () => {
      closed = true;
      await last;
    },
  };
  return replicaOver({ database: healing, timers: realTimers, log, onClosed: () => {} });
};
