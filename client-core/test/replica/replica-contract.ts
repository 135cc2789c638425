import type { StreamId } from '@baton/schema/ids';
import { encodeBatch, pairKey, type VectorClock } from '@baton/schema/reads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Commit, PositionedRead, Replica } from '../../src/replica/replica.ts';
import { frameOf, GATE, MAT, madeFrames, madeRead, textOf } from './made-reads.ts';

/** Every page of a stream from `afterPos` on. */
export const readAll = async (
  replica: Replica,
  streamId: StreamId,
  afterPos = 0,
  limit = 700,
): Promise<readonly PositionedRead[]> => {
  const reads: PositionedRead[] = [];
  for (let pos = afterPos; ; ) {
    const page = await replica.readFrom({ type: 'stream', streamId }, pos, limit);
    reads.push(...page.reads);
    if (page.atEnd) return reads;
    if (page.nextPos <= pos) throw new Error(`the page after ${pos} does not go on`);
    pos = page.nextPos;
  }
};

const entries = (clock: VectorClock): readonly (readonly [string, number])[] => [...clock].sort();

/** What every replica keeps to, with or without a disk. */
export const describeReplica = (name: string, open: () => Promise<Replica>): void => {
  describe(`replica: ${name}`, () => {
    let replica: Replica;
    beforeEach(async () => {
      replica = await open();
    }, 60_000);
    afterEach(() => replica.close());

    it('begins with an empty clock', async () => {
      expect(entries(await replica.clock())).toEqual([]);
      expect(await replica.readFrom({ type: 'stream', streamId: MAT }, 0, 10)).toMatchObject({
        reads: [],
        nextPos: 0,
        atEnd: true,
      });
      expect(await replica.targets()).toEqual([]);
      expect(await replica.end()).toMatchObject({ pos: 0, clock: new Map() });
    });

    it('[P3] stores reads as they came and raises the clock with them', async () => {
      const reply = await replica.applyReads([...madeFrames(MAT, 1, 1, 200, 64), ...madeFrames(GATE, 3, 1, 5)]);
      expect(reply).toMatchObject({ type: 'applied', stored: 205 });
      expect(entries(await replica.clock())).toEqual([
        [pairKey(GATE, 3), 5],
        [pairKey(MAT, 1), 200],
      ]);
      const held = await readAll(replica, MAT, 0, 33);
      expect(held.map((it) => it.seq)).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
      for (const { seq, raw, chip, kind, receivedAt, readerTime } of held) {
        const made = madeRead(MAT, 1, seq);
        expect(textOf(raw)).toBe(textOf(made.raw));
        expect({ chip, kind, receivedAt, readerTime }).toEqual({
          chip: made.chip,
          kind: made.kind,
          receivedAt: made.receivedAt,
          readerTime: made.readerTime,
        });
      }
    });

    it('[P3] cuts what it holds already, also inside one call', async () => {
      await replica.applyReads(madeFrames(MAT, 1, 1, 10));
      const again = [...madeFrames(MAT, 1, 5, 12), ...madeFrames(MAT, 1, 1, 3), ...madeFrames(MAT, 1, 11, 15)];
      expect(await replica.applyReads(again)).toMatchObject({ type: 'applied', stored: 5 });
      expect(await replica.applyReads(again)).toMatchObject({ type: 'applied', stored: 0 });
      expect((await readAll(replica, MAT)).map((it) => it.seq)).toEqual(Array.from({ length: 15 }, (_, i) => i + 1));
    });

    it('[P3] refuses a gap and stores nothing of that call', async () => {
      await replica.applyReads(madeFrames(MAT, 1, 1, 4));
      const reply = await replica.applyReads([...madeFrames(GATE, 1, 1, 2), ...madeFrames(MAT, 1, 6, 9)]);
      expect(reply).toEqual({ type: 'gap', key: pairKey(MAT, 1), firstSeq: 6, expected: 5 });
      expect(entries(await replica.clock())).toEqual([[pairKey(MAT, 1), 4]]);
      expect(await readAll(replica, GATE)).toEqual([]);
    });

    it('refuses a batch that does not decode and stores nothing of that call', async () => {
      const torn = { ...frameOf(MAT, 1, 3, [madeRead(MAT, 1, 3)]), batch: new Uint8Array([1, 2, 3]) };
      expect(await replica.applyReads([...madeFrames(MAT, 1, 1, 2), torn])).toMatchObject({ type: 'malformed' });
      expect(entries(await replica.clock())).toEqual([]);
    });

    it('carries any text that a read may hold', async () => {
      const odd = ['\\N', '\\.', 'a\tb\nc\rd\\', '', 'ü€𝄞', '"'];
      const reads = odd.map((text, index) => ({
        ...madeRead(MAT, 1, 97),
        chip: text,
        readerTime: text,
        kind: `k${index}`,
      }));
      const nul = { ...madeRead(MAT, 1, 97), chip: 'a\u0000b' };
      const batch = encodeBatch([...reads, nul]);
      expect(await replica.applyReads([{ streamId: MAT, epoch: 1, firstSeq: 1, batch }])).toMatchObject({ stored: 7 });
      const held = await readAll(replica, MAT);
      expect(held.slice(0, 6).map((it) => it.chip)).toEqual(odd);
      expect(held.slice(0, 6).map((it) => it.readerTime)).toEqual(odd);
      expect(textOf(held[6]?.raw ?? new Uint8Array())).toBe(textOf(nul.raw));
    });

    it('[RT-40] serves a stream in the order of storing, late reads of an old epoch too', async () => {
      await replica.applyReads(madeFrames(MAT, 1, 1, 3));
      await replica.applyReads([...madeFrames(GATE, 1, 1, 50), ...madeFrames(MAT, 2, 1, 2)]);
      const seen = await readAll(replica, MAT);
      await replica.applyReads(madeFrames(MAT, 1, 4, 4));
      const late = await readAll(replica, MAT, seen.at(-1)?.pos ?? 0);
      expect([...seen, ...late].map((it) => `${it.epoch}/${it.seq}`)).toEqual([
        '1/1',
        '1/2',
        '1/3',
        '2/1',
        '2/2',
        '1/4',
      ]);
    });

    it('pages over long stretches of other streams', async () => {
      await replica.applyReads(madeFrames(MAT, 1, 1, 2));
      await replica.applyReads(madeFrames(GATE, 1, 1, 20_000));
      await replica.applyReads(madeFrames(MAT, 1, 3, 4));
      expect((await readAll(replica, MAT, 0, 3)).map((it) => it.seq)).toEqual([1, 2, 3, 4]);
      expect((await readAll(replica, GATE)).length).toBe(20_000);
      const end = await replica.end();
      expect(await readAll(replica, MAT, end.pos)).toEqual([]);
      expect(end.clock).toEqual(await replica.clock());
    }, 30_000);

    it('tells of each commit that stored something, and survives a listener that throws', async () => {
      const commits: Commit[] = [];
      replica.onCommit(() => {
        throw new Error('a broken listener');
      });
      const stop = replica.onCommit((commit) => commits.push(commit));
      await replica.applyReads(madeFrames(MAT, 1, 1, 3));
      await replica.applyReads(madeFrames(MAT, 1, 1, 3));
      expect(commits).toHaveLength(1);
      expect(entries(commits[0]?.raised ?? new Map())).toEqual([[pairKey(MAT, 1), 3]]);
      stop();
      await replica.applyReads(madeFrames(MAT, 1, 4, 4));
      expect(commits).toHaveLength(1);
    });

    it('keeps the targets it was told last', async () => {
      const target = { streamId: MAT, epoch: 2, head: 7, sealed: false };
      await replica.applyTargets([{ ...target, epoch: 1, sealed: true }]);
      await replica.applyTargets([target]);
      expect(await replica.targets()).toEqual([target]);
    });

    it('[P13] says what is held of each target, tells of changes, and drops one epoch alone', async () => {
      const changes: string[] = [];
      const stop = replica.onChange(({ type }) => {
        if (type !== 'results') changes.push(type);
      });
      await replica.applyTargets([{ streamId: MAT, epoch: 1, head: 9, sealed: false }]);
      await replica.applyReads([...madeFrames(MAT, 1, 1, 7), ...madeFrames(MAT, 2, 1, 3)]);
      expect(await replica.progress()).toMatchObject([
        { streamId: MAT, epoch: 1, held: 7, head: 9, sealed: false, check: 'unchecked' },
        { streamId: MAT, epoch: 2, held: 3, head: 3 },
      ]);
      expect(await replica.dropEpoch({ streamId: MAT, epoch: 1 })).toEqual({ type: 'applied' });
      expect(entries(await replica.clock())).toEqual([[pairKey(MAT, 2), 3]]);
      expect((await readAll(replica, MAT)).map((it) => it.epoch)).toEqual([2, 2, 2]);
      expect(changes).toEqual(['targets', 'reads', 'reads']);
      stop();
      const { pos } = await replica.end();
      expect(await replica.applyReads(madeFrames(MAT, 1, 1, 2))).toMatchObject({ type: 'applied', stored: 2 });
      expect((await readAll(replica, MAT, pos)).map((it) => it.epoch)).toEqual([1, 1]); // whoever follows is told again
      expect(changes).toHaveLength(3);
    });

    it('closes twice without harm', async () => {
      await replica.close();
      await replica.close();
    });
  });
};
