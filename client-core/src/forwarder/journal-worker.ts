import { parentPort, workerData } from 'node:worker_threads';
import type { JournalChange, JournalRead, PruneRequest } from './journal.ts';
import type { JournalDatabase } from './journal-database.ts';
import { openJournalDatabase, type SqliteJournalOptions } from './sqlite-journal.ts';
import type { JournalAnswer, JournalCall } from './worker-journal.ts';

/** The thread of `worker-journal.ts`: owns the database, answers calls in their order. */
const port = parentPort;
if (port === null) throw new Error('journal-worker runs only as a worker thread');

const answer = (it: JournalAnswer): void => port.postMessage(it);

const run = (database: JournalDatabase, { method, argument }: JournalCall): unknown => {
  switch (method) {
    case 'commit':
      return database.commit(argument as readonly JournalChange[]);
    case 'read':
      return database.read(argument as JournalRead);
    case 'prune':
      return database.prune(argument as PruneRequest);
    case 'close':
      return database.close();
  }
};

const opened = openJournalDatabase(workerData as SqliteJournalOptions);
if (opened.ok) {
  answer({ type: 'opened', content: opened.value.content() });
  port.on('message', (call: JournalCall) => {
    const value = run(opened.value, call);
    answer({ type: 'done', id: call.id, value });
    if (call.method === 'close') port.close();
  });
} else {
  answer({ type: 'not-opened', error: opened.error });
}
