import { EventId, NodeId, StreamId } from '@baton/schema/ids';
import { decodeBatch, encodeBatch, type Pair, readFromLine } from '@baton/schema/reads';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { followEpoch } from '../../src/log/log-reading.ts';
import { createReadLog } from '../../src/log/read-log.ts';
import type { TailCacheLimits } from '../../src/log/tail-cache.ts';
import { createRegistry } from '../../src/registry/registry.ts';
import { createMemoryStore } from '../../src/storage/memory/memory-store.ts';
import type { StoredBatch } from '../../src/storage/store.ts';

const streamId = StreamId.parse('f1.finish');
const pair: Pair = { streamId, epoch: 1 };
const NO_CACHE: TailCacheLimits = { bytesPerEpoch: 0, bytes: 0 };

const batchOf = (firstSeq: number, count: number): Uint8Array =>
  encodeBatch(
    Array.from({ length: count }, (_, index) =>
      readFromLine(new TextEncoder().encode(`line ${firstSeq + index}`), 1000),
    ),
  );

const openLog = async (limits?: TailCacheLimits) => {
  const store = createMemoryStore();
  const registry = createRegistry(await store.load(), store);
  const log = createReadLog({ store, registry, onFailure: (message) => expect.unreachable(message) }, limits);
  const stream = { streamId, eventId: EventId.parse('e1'), forwarderId: NodeId.parse('f1'), reader: 'finish' };
  await registry.change([
    { type: 'putStream', stream: { ...stream, currentEpoch: 1, commandedEpoch: null, createdAt: 1 } },
  ]);
  return { store, registry, log };
};

const linesOf = (batches: readonly StoredBatch[]): readonly string[] =>
  batches.flatMap((stored) => {
    const batch = decodeBatch(stored.batch);
    if (!batch.ok) throw new Error(batch.error.message);
    expect(batch.value.count).toBe(stored.count);
    return Array.from({ length: stored.count }, (_, index) => new TextDecoder().decode(batch.value.rawAt(index)));
  });

const expectedLines = (from: number, to: number): readonly string[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => `line ${from + index}`);

describe('read log', () => {
  it('[P3] any position reads the same, from the cache, from the store, and where they meet', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 25 });
    const limits = fc.constantFrom<TailCacheLimits>(
      NO_CACHE,
      { bytesPerEpoch: 900, bytes: 5000 },
      { bytesPerEpoch: 1e6, bytes: 1e6 },
    );
    await fc.assert(
      fc.asyncProperty(sizes, limits, async (counts, cache) => {
        const { log } = await openLog(cache);
        let head = 0;
        for (const count of counts) {
          await log.append({ ...pair, firstSeq: head + 1, batch: batchOf(head + 1, count) });
          head += count;
        }
        for (let after = 0; after <= head; after += 1 + (after % 5)) {
          const found = await log.read(pair, after, 1_000_000);
          const got = linesOf(found);
          expect(got).toEqual(expectedLines(after + 1, after + got.length));
          expect(got.length > 0).toBe(after < head);
          if (found[0] !== undefined) expect(found[0].firstSeq).toBe(after + 1);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('[P3] [P16] any stretch is followed in order and whole, a hundred reads at a time at most, however they are stored', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 350 }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat(), fc.nat(), async (counts, one, other) => {
        const { log } = await openLog(NO_CACHE);
        let head = 0;
        for (const count of counts) {
          await log.append({ ...pair, firstSeq: head + 1, batch: batchOf(head + 1, count) });
          head += count;
        }
        const [after = 0, last = 0] = [one % (head + 1), other % (head + 1)].sort((a, b) => a - b);
        const lines: string[] = [];
        const seqs: number[] = [];
        for await (const reads of followEpoch(log, pair, after, last)) {
          expect(reads.length).toBeLessThanOrEqual(100);
          lines.push(...reads.map(({ raw }) => new TextDecoder().decode(raw)));
          seqs.push(...reads.map(({ seq }) => seq));
        }
        expect(lines).toEqual(expectedLines(after + 1, last));
        expect(seqs).toEqual(lines.map((_, index) => after + 1 + index));
      }),
      { numRuns: 60 },
    );
  });

  it('[P6] tells followers of an append only once it is durable', async () => {
    const { log, store } = await openLog();
    const heads: number[] = [];
    log.onAppended((_, head) => heads.push(head));
    const appending = log.append({ ...pair, firstSeq: 1, batch: batchOf(1, 3) });
    expect(heads).toEqual([]);
    expect(log.head(pair)).toBe(0);
    await appending;
    expect(heads).toEqual([3]);
    const kept = await store.readBatches({ ...pair, afterSeq: 0, maxReads: 10, maxBytes: 1e6 });
    expect(linesOf(kept)).toEqual(expectedLines(1, 3));
  });

  it('[RT-34] a duplicate is a success that tells nobody, a conflict changes nothing', async () => {
    const { log, registry } = await openLog();
    await log.append({ ...pair, firstSeq: 1, batch: batchOf(1, 3) });
    let told = 0;
    log.onAppended(() => {
      told++;
    });
    expect(await log.append({ ...pair, firstSeq: 1, batch: batchOf(1, 3) })).toMatchObject({
      type: 'duplicate',
      head: 3,
    });
    expect(await log.append({ ...pair, firstSeq: 2, batch: batchOf(7, 1) })).toMatchObject({
      type: 'conflict',
      seq: 2,
      nextEpoch: 2,
    });
    expect(told).toBe(0);
    expect(registry.stream(streamId)).toMatchObject({ accepted: 3, duplicates: 3, conflicts: 1 });
    expect(linesOf(await log.read(pair, 0, 100))).toEqual(expectedLines(1, 3));
  });

  it('the current epoch rises with a read of a higher one, and listeners hear of it', async () => {
    const { log, registry } = await openLog();
    const epochs: number[] = [];
    registry.onChange((changes) => {
      for (const it of changes) if (it.type === 'putStream') epochs.push(it.stream.currentEpoch);
    });
    await log.append({ streamId, epoch: 3, firstSeq: 1, batch: batchOf(1, 1) });
    await log.append({ streamId, epoch: 1, firstSeq: 1, batch: batchOf(1, 1) });
    expect(epochs).toEqual([3]);
    expect(registry.stream(streamId)?.currentEpoch).toBe(3);
  });

  it('seals a past epoch only when all of it is here', async () => {
    const { log, registry } = await openLog();
    const sealed: unknown[] = [];
    log.onSealed((it) => sealed.push([it, registry.epoch(it)?.sealed]));
    await log.append({ ...pair, firstSeq: 1, batch: batchOf(1, 3) });
    await log.seal(pair, 3);
    expect(registry.epoch(pair)?.sealed).toBe(false); // still the current epoch
    await log.append({ streamId, epoch: 2, firstSeq: 1, batch: batchOf(1, 1) });
    await log.seal(pair, 4);
    expect(registry.epoch(pair)?.sealed).toBe(false); // one read is still missing
    await log.seal(pair, 3);
    expect(registry.epoch(pair)).toMatchObject({ sealed: true, hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(sealed).toEqual([[pair, true]]);
  });
});
