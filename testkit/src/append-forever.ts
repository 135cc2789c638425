import { writeSync } from 'node:fs';
import { argv, exit } from 'node:process';
import { StreamId } from '@baton/schema/ids';
import { openWorkerStore, type Store, StoreOpenError } from '@baton/sync-server/storage';
import { createSeededRandom, type SeededRandom } from './seeded-random.ts';
import { append, commit, EVENT_A, eventRecord, putStream } from './store-contract/fixtures.ts';

/**
 * A process that writes to a data directory until it is killed or its disk fails: `append-forever.js DIR SEED`.
 * On stdout, written at once, one line for what happened: `ready`, `acked STREAM HEAD`, `saved COUNT` (updates of the
 * document `crash`), `failure MESSAGE`, `after TYPE` (an append after the failure), `not-opened REASON MESSAGE`.
 */
const STREAMS = ['gate.a', 'gate.b', 'gate.c'].map((id) => StreamId.parse(id));
const WINDOW = 3;

const say = (line: string): void => {
  writeSync(1, `${line}\n`);
};

/** Keeps `WINDOW` batches of one stream on their way. Ends when one is not accepted. */
const appendStream = async (store: Store, streamId: StreamId, head: number, random: SeededRandom): Promise<void> => {
  let next = head + 1;
  const send = () => {
    const count = random.int(1, 40);
    const reply = append(store, { streamId, epoch: 1 }, next, count);
    next += count;
    return reply;
  };
  const waiting = Array.from({ length: WINDOW }, send);
  for (;;) {
    const reply = await waiting.shift();
    if (reply?.type !== 'accepted') return;
    say(`acked ${streamId} ${reply.state.head}`);
    waiting.push(send());
  }
};

const appendDoc = async (store: Store, stored: number): Promise<void> => {
  for (let count = stored + 1; ; count++) {
    const reply = await store.appendDoc('crash', new TextEncoder().encode(`update ${count}`));
    if (reply.type !== 'committed') return;
    say(`saved ${count}`);
  }
};

const run = async (dataDir: string, random: SeededRandom): Promise<void> => {
  const store = await openWorkerStore({ dataDir, onFailure: (message) => say(`failure ${message}`) });
  await commit(store, { type: 'putEvent', event: eventRecord(EVENT_A) }, ...STREAMS.map((id) => putStream(id)));
  const { epochs } = await store.load();
  const docs = await store.loadDoc('crash');
  say('ready');
  const headOf = (id: StreamId): number => epochs.find((it) => it.streamId === id && it.epoch === 1)?.head ?? 0;
  await Promise.all([
    ...STREAMS.map((id) => appendStream(store, id, headOf(id), random.split(id))),
    appendDoc(store, docs.length),
  ]);
  const after = await append(store, { streamId: STREAMS[0]!, epoch: 1 }, 1, 1);
  say(`after ${after.type}`);
  await store.close();
};

const [, , dataDir = '', seed = '1'] = argv;
try {
  await run(dataDir, createSeededRandom(Number(seed)));
} catch (error) {
  if (!(error instanceof StoreOpenError)) throw error;
  say(`not-opened ${error.reason} ${error.message}`);
}
exit(1);
