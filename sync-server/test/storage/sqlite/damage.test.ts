import { batchOf, OTHER_STREAM, PAIR, rawsOf } from '@baton/testkit/store-fixtures';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DamagedRowError } from '../../../src/storage/sqlite/batch-rows.ts';
import { pack } from '../../../src/storage/sqlite/packed-updates.ts';
import { temporaryDirectory } from '../data-directory.ts';
import { type CoreFixture, doAllUpkeep, linesOf, openCore, rowsOf, TWO_STREAMS } from './core-fixture.ts';

const ALL = { maxReads: 1_000_000, maxBytes: 1_000_000_000 };

let directory = temporaryDirectory();
let fixture: CoreFixture;
beforeEach(() => {
  directory = temporaryDirectory();
  fixture = openCore(directory.path);
  fixture.core.write([{ type: 'commit', changes: TWO_STREAMS }]);
  for (let seq = 1; seq <= 1001; seq += 200) append(seq, 200);
  append(1, 50, OTHER_STREAM);
  fixture.core.write([{ type: 'appendDoc', name: 'd', updates: pack(Uint8Array.of(1, 2, 3)) }]);
});
afterEach(() => {
  fixture.db.close();
  directory.remove();
});

const append = (firstSeq: number, count: number, streamId = PAIR.streamId) =>
  fixture.core.write([
    { type: 'append', command: { streamId, epoch: 1, firstSeq, batch: batchOf(firstSeq, count) } },
  ])[0];

const read = (afterSeq: number) => fixture.core.readBatches({ ...PAIR, afterSeq, ...ALL });

/** Flips one bit of the row's bytes, as a dying disk would. */
const flipBit = (table: string, where: string): void => {
  fixture.db.function('flipped', (bytes: unknown) => {
    if (!(bytes instanceof Uint8Array)) throw new TypeError('expected bytes');
    const copy = Buffer.from(bytes);
    const middle = copy.length >> 1;
    copy[middle] = (copy[middle] ?? 0) ^ 1;
    return copy;
  });
  expect(fixture.db.prepare(`UPDATE ${table} SET bytes = flipped(bytes) WHERE ${where}`).run().changes).toBe(1);
};

describe('a flipped bit', () => {
  it('[P24] in stored reads is never served and is told with its place; the rest is served', () => {
    flipBit('batches', 'stream_ref = 1 AND first_seq = 401');
    expect(() => read(0)).toThrow(DamagedRowError);
    expect(() => read(450)).toThrow(/table batches, stream ref 1, epoch 1, from seq 401/);
    expect(linesOf(fixture.core.readBatches({ ...PAIR, afterSeq: 0, maxReads: 400, maxBytes: 1e9 }))).toEqual(
      rawsOf(1, 400),
    );
    expect(linesOf(read(600))).toEqual(rawsOf(601, 600));
    expect(linesOf(fixture.core.readBatches({ ...PAIR, streamId: OTHER_STREAM, afterSeq: 0, ...ALL }))).toHaveLength(
      50,
    );
    expect(fixture.core.failure()).toBeNull();
  });

  it('[P24] in stored reads makes no repeat look like another line, and stops no append', () => {
    flipBit('batches', 'stream_ref = 1 AND first_seq = 401');
    expect(append(401, 200)).toMatchObject({ type: 'rejected', message: expect.stringContaining('from seq 401') });
    expect(append(1201, 10)).toMatchObject({ type: 'accepted' });
  });

  it('[P24] stays where it is: compaction does not carry it into a chunk', () => {
    flipBit('batches', 'stream_ref = 1 AND first_seq = 401');
    for (let seq = 1201; seq <= 3201; seq += 200) append(seq, 200);
    doAllUpkeep(fixture.core);
    expect(rowsOf(fixture.db)).toContain('401+200');
    expect(() => read(450)).toThrow(/from seq 401/);
    expect(linesOf(read(600)).slice(0, 2400)).toEqual(rawsOf(601, 2400));
  });

  it('[P24] in a document is told with its name', () => {
    flipBit('doc_updates', 'TRUE');
    expect(() => fixture.core.loadDoc('d')).toThrow(/table doc_updates, row \d+, document d/);
  });

  it('[P24] a row that is gone is missed', () => {
    fixture.db.prepare('DELETE FROM batches WHERE stream_ref = 1 AND first_seq = 401').run();
    expect(() => read(0)).toThrow(/reads from seq 401 on are missing/);
    expect(() => read(420)).toThrow(/reads from seq 421 on are missing/);
    fixture.db.prepare('DELETE FROM batches WHERE stream_ref = 1 AND first_seq = 1001').run();
    expect(() => read(900)).toThrow(/reads from seq 1001 on are missing/);
    expect(() => read(1100)).toThrow(/reads from seq 1101 on are missing/);
  });
});
