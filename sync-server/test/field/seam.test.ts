import { setForwarderRace } from '@baton/schema/doc';
import { NodeId } from '@baton/schema/ids';
import { describe, expect, it } from 'vitest';
import { addRace, batch, map, OTHER_RACE, RACE } from '../support/relay-parts.ts';
import {
  attachF,
  attachV1,
  attachV11,
  createFieldParts,
  type FieldParts,
  manualSelection,
  OTHER_READER,
  READER,
  raceSelection,
  streamOf,
  upTo,
} from './support/field-parts.ts';

const S = streamOf('f1', READER);
const OTHER = streamOf('f1', OTHER_READER);
const BUSY = 'busy mat';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const prepared = async (): Promise<FieldParts> => {
  const parts = await createFieldParts();
  await addRace(parts, RACE, '10 km');
  await addRace(parts, OTHER_RACE, '5 km');
  return parts;
};

/** Writes reads of one stream until told to stop; resolves with how many. */
const writeContinuously = (f: Awaited<ReturnType<typeof attachF>>, reader: string, each: number) => {
  let stopped = false;
  const written = (async () => {
    let seq = 0;
    while (!stopped) {
      await f.push({ reader, from: seq + 1, count: each });
      seq += each;
      await turn();
    }
    return seq;
  })();
  return {
    stop: () => {
      stopped = true;
      return written;
    },
  };
};

/** Puts many reads into the log, as if they had come long ago. */
const fill = async (parts: FieldParts, streamId: typeof S, count: number): Promise<void> => {
  for (let seq = 1; seq <= count; seq += 1000) {
    await parts.log.append({
      streamId,
      epoch: 1,
      firstSeq: seq,
      batch: batch('old', seq, Math.min(1000, count - seq + 1)),
    });
  }
};

describe('the seam between history and live', () => {
  it.each([
    ['v1', 0],
    ['v1.1', 0],
    ['v1.1 with batches of many sizes', 7],
  ])('[RT-23] [P3] %s: joining while it is written, 20 times: exactly once and in order', async (version, sizes) => {
    const parts = await prepared();
    const f = await attachF(parts);
    const writing = writeContinuously(f, READER, 13 + sizes);
    await f.peer.until(() => parts.log.head({ streamId: S, epoch: 1 }) > 100);
    const receivers = [];
    for (let repeat = 0; repeat < 20; repeat++) {
      const id = `r${repeat}`;
      receivers.push(
        version === 'v1'
          ? await attachV1(parts, [{ seq: 0 }], id)
          : await attachV11(parts, manualSelection(['f1', READER]), id),
      );
      for (let turns = 0; turns <= repeat; turns++) await turn();
    }
    const total = await writing.stop();
    for (const r of receivers) {
      await r.peer.until(() => r.seqs().length >= total);
      expect(r.seqs()).toEqual(upTo(total));
    }
  });

  it('[RT-24] a selection that changes in the middle of 50,000 events: stops, restarts from the persisted cursor', async () => {
    const parts = await prepared();
    await attachF(parts, 'f1', [READER, OTHER_READER]);
    await fill(parts, S, 50_000);
    await fill(parts, OTHER, 3);
    await map(parts, S, 1, RACE);
    const r = await attachV11(parts, manualSelection());
    r.peer.takeUpTo(20_000);
    r.select(raceSelection(RACE));
    await r.peer.until(() => r.seqs().length >= 20_000);
    r.ack([{ seq: 12_000 }]);
    r.select(manualSelection(['f1', OTHER_READER]));
    await r.peer.until(() => r.peer.untaken('receiver_selection_applied').length === 3);
    const before = r.seqs().length;
    expect(before).toBeLessThan(22_000);
    r.peer.takeUpTo(Number.POSITIVE_INFINITY);
    await r.peer.until(() => r.seqs(OTHER_READER).length === 3);
    for (let turns = 0; turns < 10; turns++) await turn();
    expect(r.seqs()).toHaveLength(before);
    expect(r.seqs()).toEqual(upTo(before));

    r.select(manualSelection(['f1', READER]));
    await r.peer.until(() => r.seqs().at(-1) === 50_000);
    expect(r.seqs().slice(before)).toEqual(upTo(50_000, 12_001));
    expect(r.seqs(OTHER_READER)).toEqual([1, 2, 3]);
  });

  it('[RT-24] also when the new selection means the same stream', async () => {
    const parts = await prepared();
    await attachF(parts);
    await fill(parts, S, 50_000);
    await map(parts, S, 1, RACE);
    const r = await attachV11(parts, manualSelection());
    r.peer.takeUpTo(10_000);
    r.select(raceSelection(RACE));
    await r.peer.until(() => r.seqs().length >= 10_000);
    r.ack([{ seq: 9_000 }]);
    r.select(manualSelection(['f1', READER]));
    await r.peer.until(() => r.peer.untaken('receiver_selection_applied').length === 3);
    const before = r.seqs().length;
    r.peer.takeUpTo(Number.POSITIVE_INFINITY);
    await r.peer.until(() => r.seqs().at(-1) === 50_000);
    expect(r.seqs().slice(before)).toEqual(upTo(50_000, 9_001));
  });

  it('[P18] a receiver that does not drain costs its position only, and holds up nobody', async () => {
    const parts = await prepared();
    await attachF(parts);
    await fill(parts, S, 20_000);
    const stalled = await attachV11(parts, manualSelection(['f1', READER]), 'r1');
    stalled.peer.takeUpTo(1);
    const other = await attachV11(parts, manualSelection(['f1', READER]), 'r2');
    await other.peer.until(() => other.seqs().length === 20_000);
    expect(stalled.seqs().length).toBeLessThan(5000);
    stalled.peer.takeUpTo(Number.POSITIVE_INFINITY);
    await stalled.peer.until(() => stalled.seqs().length === 20_000);
    expect(stalled.seqs()).toEqual(upTo(20_000));
  });
});

describe('mapping changes under load', () => {
  /** Three mapped streams; the first is written all the time. */
  const busy = async () => {
    const parts = await prepared();
    const f = await attachF(parts, 'f1', [BUSY, READER, OTHER_READER]);
    await f.push({ reader: READER, count: 40 });
    await f.push({ reader: OTHER_READER, count: 30 });
    await map(parts, streamOf('f1', BUSY), 1, RACE);
    const writing = writeContinuously(f, BUSY, 20);
    return { parts, f, writing };
  };

  it('[RT-20] a mapped epoch is replayed unasked within a second, while another stream is busy', async () => {
    const { parts, writing } = await busy();
    const r = await attachV11(parts, raceSelection(RACE));
    await r.peer.until(() => r.seqs(BUSY).length > 100);
    const began = performance.now();
    await map(parts, S, 1, RACE);
    await r.peer.until(() => r.seqs(READER).length === 40);
    expect(performance.now() - began).toBeLessThan(1000);
    const total = await writing.stop();
    await r.peer.until(() => r.seqs(BUSY).length >= total);
    expect(r.seqs(BUSY)).toEqual(upTo(total));
    expect(r.seqs(READER)).toEqual(upTo(40));
  });

  it('[RT-30] one of three pairs is unmapped: it stops at once, the other two know no gap and no restart', async () => {
    const { parts, writing } = await busy();
    await map(parts, S, 1, RACE);
    await map(parts, OTHER, 1, RACE);
    const r = await attachV11(parts, raceSelection(RACE));
    await r.peer.until(() => r.seqs(READER).length === 40 && r.seqs(OTHER_READER).length === 30);
    r.ack([{ seq: 10 }]);
    await map(parts, S, 1, null);
    await parts.log.append({ streamId: S, epoch: 1, firstSeq: 41, batch: batch('late', 41, 5) });
    await parts.log.append({ streamId: OTHER, epoch: 1, firstSeq: 31, batch: batch('more', 31, 5) });
    await r.peer.until(() => r.seqs(OTHER_READER).length === 35);
    const total = await writing.stop();
    await r.peer.until(() => r.seqs(BUSY).length >= total);
    expect([r.seqs(READER), r.seqs(OTHER_READER), r.seqs(BUSY)]).toEqual([upTo(40), upTo(35), upTo(total)]);
  });

  it('[RT-31] a third pair is added: it is replayed from its start, the first two are not sent again', async () => {
    const { parts, writing } = await busy();
    await map(parts, OTHER, 1, RACE);
    const r = await attachV11(parts, raceSelection(RACE));
    await r.peer.until(() => r.seqs(OTHER_READER).length === 30 && r.seqs(BUSY).length > 50);
    await map(parts, S, 1, RACE);
    await r.peer.until(() => r.seqs(READER).length === 40);
    const total = await writing.stop();
    await r.peer.until(() => r.seqs(BUSY).length >= total);
    expect([r.seqs(READER), r.seqs(OTHER_READER), r.seqs(BUSY)]).toEqual([upTo(40), upTo(30), upTo(total)]);
  });

  it('[RT-22] warnings that come and go disturb no target', async () => {
    const { parts, writing } = await busy();
    const r = await attachV11(parts, raceSelection(RACE));
    await r.peer.until(() => r.seqs(BUSY).length > 0);
    for (let round = 0; round < 5; round++) {
      await parts.setup.edit((doc) => setForwarderRace(doc, NodeId.parse('f1'), round % 2 === 0 ? OTHER_RACE : RACE));
      await r.peer.until(() => r.peer.untaken('receiver_selection_applied').length === round + 2);
    }
    const total = await writing.stop();
    await r.peer.until(() => r.seqs(BUSY).length >= total);
    expect(r.seqs(BUSY)).toEqual(upTo(total));
  });
});
