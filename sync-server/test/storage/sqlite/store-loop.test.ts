import { batchOf, PAIR, STREAM } from '@baton/testkit/store-fixtures';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mergeUpdates } from '../../../src/storage/merge-updates.ts';
import type { SqliteCore } from '../../../src/storage/sqlite/sqlite-core.ts';
import { createStoreLoop, type StoreLoop } from '../../../src/storage/sqlite/store-loop.ts';
import type { NumberedAnswer, StoreCall } from '../../../src/storage/sqlite/worker-messages.ts';
import { temporaryDirectory } from '../data-directory.ts';
import { type CoreFixture, openCore, TWO_STREAMS } from './core-fixture.ts';

let directory = temporaryDirectory();
let fixture: CoreFixture;
let groups: number[] = [];
let answers: NumberedAnswer[] = [];
let closed = 0;
let loop: StoreLoop;

beforeEach(() => {
  directory = temporaryDirectory();
  fixture = openCore(directory.path);
  fixture.core.write([{ type: 'commit', changes: TWO_STREAMS }]);
  groups = [];
  answers = [];
  closed = 0;
  const counting: SqliteCore = {
    ...fixture.core,
    write: (requests) => {
      groups.push(requests.length);
      return fixture.core.write(requests);
    },
  };
  loop = createStoreLoop({
    core: counting,
    answer: (more) => answers.push(...more),
    onClose: () => {
      closed += 1;
    },
    merge: async (updates) => mergeUpdates(updates),
    onBackground: () => {},
  });
});
afterEach(() => {
  fixture.db.close();
  directory.remove();
});

const serve = (...calls: readonly StoreCall[]): readonly NumberedAnswer[] => {
  answers = [];
  loop.serve(calls.map((call, index) => ({ id: index, call })));
  return answers;
};
const append = (firstSeq: number, count = 1): StoreCall => ({
  type: 'append',
  command: { ...PAIR, firstSeq, batch: batchOf(firstSeq, count) },
});
const valuesOf = (given: readonly NumberedAnswer[]) =>
  given.map((answer) => (answer.type === 'answer' ? answer.value : answer.message));

describe('the loop of the store’s thread', () => {
  it('commits everything that waits once, writes before reads', () => {
    const read: StoreCall = { type: 'readBatches', command: { ...PAIR, afterSeq: 0, maxReads: 99, maxBytes: 9999 } };
    const given = serve(read, append(1), append(2), { type: 'sizeBytes' }, append(3));
    expect(groups).toEqual([3]);
    expect(given.map((answer) => answer.id)).toEqual([1, 2, 4, 0, 3]);
    expect(given.find((answer) => answer.id === 0)).toMatchObject({
      value: [{ firstSeq: 1 }, { firstSeq: 2 }, { firstSeq: 3 }],
    });
  });

  it('cuts what waits into groups of bounded size', () => {
    serve(...Array.from({ length: 5000 }, (_, index) => append(index + 1)));
    expect(groups).toEqual([2048, 2048, 904]);
    const large: StoreCall = { type: 'appendDoc', name: 'd', update: new Uint8Array(3_000_000) };
    serve(large, large, large, large, large);
    expect(groups.slice(3)).toEqual([2, 2, 1]);
  });

  it('does not send back the bytes of a batch that was stored whole', () => {
    const [whole, part] = valuesOf(serve(append(1, 5), append(4, 5)));
    expect(whole).toMatchObject({ type: 'accepted', rest: null });
    expect(part).toMatchObject({ type: 'accepted', duplicates: 2, rest: { firstSeq: 6, count: 3 } });
  });

  it('seals piece by piece, with appends in between', () => {
    serve(...Array.from({ length: 10 }, (_, index) => append(index * 1000 + 1, 1000)));
    const seal: StoreCall = { type: 'seal', request: { streamId: STREAM, epoch: 1, head: 10_000 } };
    expect(serve(seal)).toEqual([]);
    loop.background();
    expect(answers).toEqual([]);
    serve({ type: 'appendDoc', name: 'd', update: Uint8Array.of(1) });
    expect(valuesOf(answers)).toEqual([{ type: 'committed' }]);
    answers = [];
    while (answers.length === 0) loop.background();
    expect(valuesOf(answers)).toEqual([{ hash: expect.stringMatching(/^[0-9a-f]{64}$/) }]);
  });

  it('a seal ends without effect when reads come before it is done', () => {
    serve(...Array.from({ length: 6 }, (_, index) => append(index * 1000 + 1, 1000)));
    serve({ type: 'seal', request: { streamId: STREAM, epoch: 1, head: 6000 } });
    loop.background();
    serve(append(6001));
    answers = [];
    loop.background();
    expect(valuesOf(answers)).toEqual([null]);
  });

  it('closes after everything else, and answers seals that wait', () => {
    serve(append(1));
    const given = serve(
      { type: 'close' },
      { type: 'seal', request: { streamId: STREAM, epoch: 1, head: 2 } },
      { type: 'sizeBytes' },
      append(2),
    );
    expect(given.map((answer) => answer.id)).toEqual([3, 2, 1, 0]);
    expect(closed).toBe(1);
    expect(fixture.db.open).toBe(false);
  });

  it('[P24] a call that cannot be answered is told why, alone', () => {
    serve(append(1));
    fixture.db.prepare("UPDATE batches SET bytes = x'00'").run();
    const read: StoreCall = { type: 'readBatches', command: { ...PAIR, afterSeq: 0, maxReads: 99, maxBytes: 9999 } };
    const given = serve(read, { type: 'loadDoc', name: 'd' });
    expect(given[0]).toMatchObject({ type: 'error', message: expect.stringContaining('damaged') });
    expect(given[1]).toMatchObject({ type: 'answer', value: [] });
  });
});
