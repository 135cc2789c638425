import { EventId, NodeId, StreamId, TokenId } from '@baton/schema/ids';
import { decodeBatch, encodeBatch, type Pair, type Read, readFromLine, renderIpicoLine } from '@baton/schema/reads';
import type {
  AppendReply,
  Change,
  EpochRecord,
  EventRecord,
  RelayRecords,
  Store,
  StoredBatch,
  StreamRecord,
  TokenRecord,
} from '@baton/sync-server/storage';

/** What a driver hands to its contract. */
export interface StoreHarness {
  readonly store: Store;
  /** Closes the store and opens its data again. */
  readonly reopen: () => Promise<Store>;
  /** Closes what is open and deletes the data. */
  readonly dispose: () => Promise<void>;
}

export type OpenStore = () => Promise<StoreHarness>;

/** Runs a test on a fresh store. */
export const onStore =
  (open: OpenStore, test: (store: Store, harness: StoreHarness) => Promise<void>) => async (): Promise<void> => {
    const harness = await open();
    try {
      await test(harness.store, harness);
    } finally {
      await harness.dispose();
    }
  };

export const EVENT_A = EventId.parse('spring-run');
export const EVENT_B = EventId.parse('autumn-run');
export const FORWARDER = NodeId.parse('gate');
export const RECEIVER = NodeId.parse('scoring');
export const STREAM = StreamId.parse('gate.finish');
export const OTHER_STREAM = StreamId.parse('gate.start');
export const PAIR: Pair = { streamId: STREAM, epoch: 1 };

const BASE = Date.UTC(2026, 2, 7, 9);

export const eventRecord = (eventId: EventId, change: Partial<EventRecord> = {}): EventRecord => ({
  eventId,
  title: `Title of ${eventId}`,
  date: '2026-03-07',
  timezone: 'Europe/Berlin',
  location: null,
  status: 'draft',
  statusChangedAt: BASE,
  minClientVersion: null,
  createdAt: BASE,
  ...change,
});

export const tokenRecord = (tokenId: string, change: Partial<TokenRecord> = {}): TokenRecord => ({
  tokenId: TokenId.parse(tokenId),
  hash: `hash of ${tokenId}`,
  role: 'operator',
  eventId: EVENT_A,
  nodeId: null,
  label: null,
  createdAt: BASE,
  expiresAt: null,
  ...change,
});

export const streamRecord = (streamId: StreamId, change: Partial<StreamRecord> = {}): StreamRecord => ({
  streamId,
  eventId: EVENT_A,
  forwarderId: FORWARDER,
  reader: streamId.slice(FORWARDER.length + 1),
  currentEpoch: 1,
  commandedEpoch: null,
  createdAt: BASE,
  ...change,
});

export const putStream = (streamId: StreamId, change: Partial<StreamRecord> = {}): Change => ({
  type: 'putStream',
  stream: streamRecord(streamId, change),
});

/** Commits changes that must work. */
export const commit = async (store: Store, ...changes: readonly Change[]): Promise<void> => {
  const reply = await store.commit(changes);
  if (reply.type !== 'committed') throw new Error(`expected committed, got ${JSON.stringify(reply)}`);
};

/** An event with two streams. */
export const withStreams = (store: Store): Promise<void> =>
  commit(store, { type: 'putEvent', event: eventRecord(EVENT_A) }, putStream(STREAM), putStream(OTHER_STREAM));

const lineOf = (seq: number, variant: number): string => {
  if (seq % 7 === 0) return `banner ${seq} of variant ${variant}`;
  return renderIpicoLine({
    readerId: seq % 3,
    tag: (0x0580_0300_0000 + (seq % 50)).toString(16).padStart(12, '0'),
    iCount: seq % 200,
    qCount: variant,
    wallHundredths: BASE / 10 + seq * 13 - (seq % 11 === 0 ? 2000 : 0),
    extra: seq % 5 === 0 ? '00beef' : null,
    kind: seq % 4 === 0 ? 'FS' : 'RAW',
  });
};

/** When the read `seq` was received: steps backwards now and then, as clocks do. */
export const receivedAtOf = (seq: number): number => BASE + seq * 100 - (seq % 10 === 0 ? 5000 : 0);

/** The read `seq` of a made-up reader; another `variant` gives other bytes under the same number. */
export const readOf = (seq: number, variant = 0): Read =>
  readFromLine(new TextEncoder().encode(lineOf(seq, variant)), receivedAtOf(seq));

export const readsOf = (firstSeq: number, count: number, variant = 0): readonly Read[] =>
  Array.from({ length: count }, (_, index) => readOf(firstSeq + index, variant));

export const batchOf = (firstSeq: number, count: number, variant = 0): Uint8Array =>
  encodeBatch(readsOf(firstSeq, count, variant));

/** Appends `count` reads from `firstSeq` on. */
export const append = (store: Store, pair: Pair, firstSeq: number, count: number, variant = 0): Promise<AppendReply> =>
  store.append({ ...pair, firstSeq, batch: batchOf(firstSeq, count, variant) });

/** Appends in batches of `size` until the head is `head`. */
export const fill = async (store: Store, pair: Pair, head: number, size: number): Promise<void> => {
  const replies: Promise<AppendReply>[] = [];
  for (let seq = 1; seq <= head; seq += size) {
    replies.push(append(store, pair, seq, Math.min(size, head - seq + 1)));
  }
  for (const reply of await Promise.all(replies)) {
    if (reply.type !== 'accepted') throw new Error(`expected accepted, got ${JSON.stringify(reply)}`);
  }
};

const latin1 = new TextDecoder('latin1');

const text = (bytes: Uint8Array): string => latin1.decode(bytes);

export const rawOf = (seq: number, variant = 0): string => text(readOf(seq, variant).raw);

/** The lines of reads as they must come back; ASCII, so that bytes and text are the same. */
export const rawsOf = (firstSeq: number, count: number, variant = 0): readonly string[] =>
  Array.from({ length: count }, (_, index) => lineOf(firstSeq + index, variant));

/** The reads of a stored batch with their numbers. */
export const numbered = (stored: StoredBatch): readonly { readonly seq: number; readonly raw: string }[] => {
  const batch = decodeBatch(stored.batch);
  if (!batch.ok) throw new Error(batch.error.message);
  if (batch.value.count !== stored.count) throw new Error(`count ${stored.count}, batch of ${batch.value.count}`);
  return Array.from({ length: stored.count }, (_, index) => ({
    seq: stored.firstSeq + index,
    raw: text(batch.value.rawAt(index)),
  }));
};

/** Lines after `afterSeq`, read in looks of at most `maxReads`; throws on a gap or a repeat. */
export const linesAfter = async (
  store: Store,
  pair: Pair,
  afterSeq: number,
  maxReads = 10_000,
): Promise<readonly string[]> => {
  const lines: string[] = [];
  let next = afterSeq + 1;
  for (;;) {
    const found = await store.readBatches({ ...pair, afterSeq: next - 1, maxReads, maxBytes: 1_000_000 });
    if (found.length === 0) return lines;
    for (const { seq, raw } of found.flatMap(numbered)) {
      if (seq < next && lines.length === 0) continue; // the first batch may begin earlier
      if (seq < next && seq < found[0]!.firstSeq + found[0]!.count) continue;
      if (seq !== next) throw new Error(`expected seq ${next}, got ${seq}`);
      lines.push(raw);
      next += 1;
    }
  }
};

export const epochRecord = (records: RelayRecords, pair: Pair): EpochRecord | undefined =>
  records.epochs.find((it) => it.streamId === pair.streamId && it.epoch === pair.epoch);

export const streamOf = (records: RelayRecords, streamId: StreamId): RelayRecords['streams'][number] | undefined =>
  records.streams.find((it) => it.streamId === streamId);
