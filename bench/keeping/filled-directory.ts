import { EventId, NodeId, StreamId } from '@baton/schema/ids';
import { openWorkerStore, type Store } from '@baton/sync-server/storage';
import * as Y from 'yjs';
import { batchesOf, generatedReads } from '../support/reads.ts';

const STREAMS = 20;
const BATCH = 1000;
/** Batches on their way to the disk at once. */
const WINDOW = 64;
const DOCUMENTS = 100;

const BATCHES = batchesOf(generatedReads(100 * BATCH, 500, 11), BATCH);

const must = (reply: { readonly type: string }): void => {
  if (reply.type !== 'accepted' && reply.type !== 'committed') throw new Error(`the store said ${reply.type}`);
};

const fillStream = async (store: Store, streamId: StreamId, reads: number): Promise<void> => {
  for (let seq = 1; seq <= reads; ) {
    const waiting: ReturnType<Store['append']>[] = [];
    for (; waiting.length < WINDOW && seq <= reads; seq += BATCH) {
      const batch = BATCHES[((seq - 1) / BATCH) % BATCHES.length] ?? new Uint8Array();
      waiting.push(store.append({ streamId, epoch: 1, firstSeq: seq, batch }));
    }
    for (const reply of await Promise.all(waiting)) must(reply);
  }
};

const documentOf = (index: number): Uint8Array => {
  const doc = new Y.Doc();
  for (let entry = 0; entry < 200; entry++) doc.getMap('entries').set(`key ${entry}`, `value ${entry} of ${index}`);
  return Y.encodeStateAsUpdate(doc);
};

/** Streams of an event with so many reads together, and documents beside, in the data directory of a relay that does not run. */
export const fillDirectory = async (dataDir: string, event: string, reads: number): Promise<void> => {
  const store = await openWorkerStore({
    dataDir,
    onFailure: (message) => {
      throw new Error(message);
    },
  });
  const eventId = EventId.parse(event);
  for (let index = 0; index < STREAMS; index++) {
    const forwarderId = NodeId.parse(`f${index}`);
    const streamId = StreamId.parse(`${forwarderId}.mat`);
    const stream = {
      streamId,
      eventId,
      forwarderId,
      reader: 'mat',
      currentEpoch: 1,
      commandedEpoch: null,
      createdAt: 0,
    };
    must(await store.commit([{ type: 'putStream', stream }]));
    await fillStream(store, streamId, reads / STREAMS);
  }
  for (let index = 0; index < DOCUMENTS; index++)
    must(await store.appendDoc(`events/${event}/receivers/r${index}`, documentOf(index)));
  await store.close();
};
