import { parentPort } from 'node:worker_threads';
import { mergeUpdates } from '../merge-updates.ts';

/** The thread in which documents are compacted: updates in, outcome out, one at a time. */
if (parentPort === null) throw new Error('documents are merged in a worker thread; createMergeThread starts it');
const port = parentPort;
port.on('message', (updates: readonly Uint8Array[]) => port.postMessage(mergeUpdates(updates)));
