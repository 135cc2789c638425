import { type NodeId, StreamId } from '@baton/schema/ids';
import {
  batchOf,
  EVENT_A,
  eventRecord,
  PAIR,
  rawsOf,
  STREAM,
  streamRecord,
  tokenRecord,
} from '@baton/testkit/store-fixtures';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pack } from '../../../src/storage/sqlite/packed-updates.ts';
import type { WriteRequest } from '../../../src/storage/sqlite/requests.ts';
import { temporaryDirectory } from '../data-directory.ts';
import { type CoreFixture, linesOf, openCore, TWO_STREAMS } from './core-fixture.ts';

const ALL = { maxReads: 1_000_000, maxBytes: 1_000_000_000 };

let directory = temporaryDirectory();
let fixture: CoreFixture;
beforeEach(() => {
  directory = temporaryDirectory();
  fixture = openCore(directory.path);
  fixture.core.write([{ type: 'commit', changes: TWO_STREAMS }]);
});
afterEach(() => {
  fixture.db.close();
  directory.remove();
});

const append = (firstSeq: number, count: number, variant = 0): WriteRequest => ({
  type: 'append',
  command: { ...PAIR, firstSeq, batch: batchOf(firstSeq, count, variant) },
});
const appendDoc = (value: number): WriteRequest => ({
  type: 'appendDoc',
  name: 'd',
  updates: pack(Uint8Array.of(value)),
});
const lines = (core = fixture.core) => linesOf(core.readBatches({ ...PAIR, afterSeq: 0, ...ALL }));

const restart = (): void => {
  fixture.db.close();
  fixture = openCore(directory.path);
};

/** Changes that no table takes: a number where a text belongs, a value that cannot be bound. */
const BAD: readonly WriteRequest[] = [
  { type: 'commit', changes: [{ type: 'putEvent', event: eventRecord(EVENT_A, { createdAt: Number.NaN }) }] },
  {
    type: 'commit',
    changes: [{ type: 'putToken', token: tokenRecord('t', { nodeId: { a: 1 } as unknown as NodeId }) }],
  },
  { type: 'appendDoc', name: 'd', updates: { bytes: 'text' as unknown as Uint8Array, ends: [4], size: 4 } },
];

describe('a group of requests', () => {
  it('is answered in order, each by its own outcome', () => {
    const replies = fixture.core.write([
      append(1, 5),
      append(7, 1),
      appendDoc(1),
      append(1, 5),
      { type: 'commit', changes: [{ type: 'deleteEvent', eventId: EVENT_A }] },
      append(6, 1),
    ]);
    expect(replies.map((reply) => reply.type)).toEqual([
      'accepted',
      'gap',
      'committed',
      'duplicate',
      'committed',
      'unknown-stream',
    ]);
  });

  it('a request that cannot be stored is refused alone, whole, and poisons no other', () => {
    for (const bad of BAD) {
      const head = lines().length;
      const replies = fixture.core.write([append(head + 1, 3), bad, append(head + 4, 3), appendDoc(1)]);
      expect(replies.map((reply) => reply.type)).toEqual(['accepted', 'rejected', 'accepted', 'committed']);
    }
    restart();
    expect(lines()).toEqual(rawsOf(1, 18));
    expect(fixture.core.loadDoc('d')).toHaveLength(3);
    expect(fixture.core.load()).toMatchObject({ tokens: [], events: [{ createdAt: eventRecord(EVENT_A).createdAt }] });
  });

  it('changes of one call are applied together or not at all, in memory too', () => {
    const other = streamRecord(StreamId.parse('gate.new'));
    const [reply, after, elsewhere] = fixture.core.write([
      {
        type: 'commit',
        changes: [
          { type: 'deleteEvent', eventId: EVENT_A },
          { type: 'putStream', stream: other },
          { type: 'putEvent', event: eventRecord(EVENT_A, { createdAt: Number.NaN }) },
        ],
      },
      append(1, 2),
      { type: 'append', command: { streamId: other.streamId, epoch: 1, firstSeq: 1, batch: batchOf(1, 1) } },
    ]);
    expect([reply?.type, after?.type, elsewhere?.type]).toEqual(['rejected', 'accepted', 'unknown-stream']);
    expect(fixture.core.load().streams.map((it) => it.streamId)).toContain(STREAM);
  });

  it('[P22] a full disk refuses the whole group, changes nothing, and storing goes on when there is space', () => {
    fixture.core.write([append(1, 10), appendDoc(1)]);
    const pages = Number(fixture.db.pragma('page_count', { simple: true }));
    fixture.db.pragma(`max_page_count = ${pages}`);
    const large = new Uint8Array(100_000);
    const group = [
      append(11, 5),
      { type: 'appendDoc', name: 'd', updates: pack(large) } as const,
      append(16, 5, 1),
      appendDoc(2),
    ];
    for (let round = 0; round < 3; round++) {
      expect(fixture.core.write(group).map((reply) => reply.type)).toEqual(group.map(() => 'storage-full'));
      expect(lines()).toEqual(rawsOf(1, 10));
      expect(fixture.core.loadDoc('d')).toHaveLength(1);
    }
    expect(fixture.core.failure()).toBeNull();
    fixture.db.pragma('max_page_count = 1000000');
    expect(fixture.core.write(group).map((reply) => reply.type)).toEqual([
      'accepted',
      'committed',
      'accepted',
      'committed',
    ]);
    restart();
    expect(lines()).toEqual([...rawsOf(1, 15), ...rawsOf(16, 5, 1)]);
    expect(fixture.core.loadDoc('d').map((update) => update.length)).toEqual([1, 100_000, 1]);
    expect(fixture.db.pragma('integrity_check', { simple: true })).toBe('ok');
  });
});
