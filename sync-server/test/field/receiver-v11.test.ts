import { deleteRace, setForwarderRace } from '@baton/schema/doc';
import { NodeId, RaceId } from '@baton/schema/ids';
import { describe, expect, it } from 'vitest';
import { addRace, EVENT, grantOf, map, OTHER_RACE, RACE } from '../support/relay-parts.ts';
import {
  attachF,
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
const NOTHING = manualSelection();

const prepared = async (): Promise<FieldParts> => {
  const parts = await createFieldParts();
  await addRace(parts, RACE, '10 km');
  await addRace(parts, OTHER_RACE, '5 km');
  return parts;
};

/** The stream's current epoch as `activate-next` moves it. */
const advance = async (parts: FieldParts, epoch: number): Promise<void> => {
  const row = parts.registry.stream(S);
  if (row === undefined) throw new Error('no stream');
  await parts.registry.change([{ type: 'putStream', stream: { ...row, currentEpoch: epoch, commandedEpoch: epoch } }]);
};

describe('a receiver on v1.1: hello', () => {
  it.each([
    ['manual', manualSelection(['f1', READER]), 1],
    ['race/all', raceSelection(RACE, 'all'), 1],
    ['race/current', raceSelection(RACE, 'current'), 1],
    ['manual with nothing', NOTHING, 0],
  ])('[RT-01] [RT-05] %s is answered with what holds: selection, count, warnings', async (_, selection, count) => {
    const parts = await prepared();
    await attachF(parts);
    await map(parts, S, 1, RACE);
    const r = await attachV11(parts, selection);
    expect(await r.peer.next('receiver_selection_applied')).toEqual({
      kind: 'receiver_selection_applied',
      selection,
      resolved_target_count: count,
      warnings: [],
    });
    expect(r.peer.messages[0]).toEqual({ kind: 'heartbeat', session_id: r.session, device_id: 'r1' });
  });

  it.each([
    ['an unknown mode', { kind: 'receiver_hello_v11', receiver_id: 'r1', selection: { mode: 'best' } }],
    [
      'an unknown scope',
      { kind: 'receiver_hello_v11', receiver_id: 'r1', selection: { ...raceSelection(RACE), epoch_scope: 'some' } },
    ],
    [
      'an empty race id',
      { kind: 'receiver_hello_v11', receiver_id: 'r1', selection: { ...raceSelection(RACE), race_id: '' } },
    ],
    ['[RT-02] no selection', { kind: 'receiver_hello_v11', receiver_id: 'r1' }],
    ['[RT-02] a v1 hello', { kind: 'receiver_hello', receiver_id: 'r1', resume: [] }],
    ['[RT-02] another message first', { kind: 'receiver_set_selection', selection: NOTHING }],
  ])('[RT-01] %s is a PROTOCOL_ERROR, and the socket ends', async (_, hello) => {
    const parts = await prepared();
    const peer = parts.connectV11(grantOf('receiver', 'r1'));
    peer.say(hello);
    expect(await peer.next('error')).toMatchObject({ code: 'PROTOCOL_ERROR', retryable: false });
    expect(peer.closed()?.code).toBe(4400);
    expect(parts.presence.isAttached(NodeId.parse('r1'))).toBe(false);
  });

  it('[RT-01] an unknown mode or scope in a later selection is a PROTOCOL_ERROR too', async () => {
    const parts = await prepared();
    for (const wrong of [{ mode: 'best' }, { ...raceSelection(RACE), epoch_scope: 'some' }]) {
      const r = await attachV11(parts, NOTHING);
      r.select(wrong);
      expect(await r.peer.next('error')).toMatchObject({ code: 'PROTOCOL_ERROR' });
      expect(r.peer.closed()).not.toBeNull();
    }
  });

  it('of another device is an IDENTITY_MISMATCH; the token of a forwarder is an INVALID_TOKEN', async () => {
    const parts = await prepared();
    const other = parts.connectV11(grantOf('receiver', 'r1'));
    other.say({ kind: 'receiver_hello_v11', receiver_id: 'r2', selection: NOTHING });
    expect(await other.next('error')).toMatchObject({ code: 'IDENTITY_MISMATCH' });
    const forwarder = parts.connectV11(grantOf('forwarder', 'f1'));
    expect(await forwarder.next('error')).toMatchObject({ code: 'INVALID_TOKEN' });
  });

  it('a second hello is a PROTOCOL_ERROR', async () => {
    const parts = await prepared();
    const r = await attachV11(parts, NOTHING);
    r.peer.say({ kind: 'receiver_hello_v11', receiver_id: 'r1', selection: NOTHING });
    expect(await r.peer.next('error')).toMatchObject({ code: 'PROTOCOL_ERROR' });
  });
});

describe('a receiver on v1.1: delivery', () => {
  it('[RT-18] gets the selected epoch from its start, in order, once; two runs give the same list', async () => {
    const parts = await prepared();
    const f = await attachF(parts);
    await f.push({ count: 1300 });
    await map(parts, S, 1, RACE);
    const lists = [];
    for (const id of ['r1', 'r2']) {
      const r = await attachV11(parts, raceSelection(RACE), id);
      await r.peer.until(() => r.seqs().length >= 1300);
      expect(r.seqs()).toEqual(upTo(1300));
      for (const it of r.peer.messages) if (it.kind === 'receiver_event_batch') expect(it.session_id).toBe(r.session);
      lists.push(r.peer.events);
    }
    expect(lists[0]).toEqual(lists[1]);
    expect(lists[0]?.[0]).toEqual({
      forwarder_id: 'f1',
      reader_ip: READER,
      stream_epoch: 1,
      seq: 1,
      reader_timestamp: '2026-04-12T10:00:00.000',
      raw_read_line: 'e1 1',
      read_type: 'RAW',
    });
  });

  it('[RT-16] race/all: every mapped epoch of every stream, unmapped ones never', async () => {
    const parts = await prepared();
    const f = await attachF(parts, 'f1', [READER, OTHER_READER]);
    for (const epoch of [1, 2, 3]) await f.push({ epoch, count: 4 });
    await f.push({ reader: OTHER_READER, count: 4 });
    await map(parts, S, 1, RACE);
    await map(parts, S, 3, RACE);
    await map(parts, OTHER, 1, RACE);
    await map(parts, S, 2, OTHER_RACE);
    const r = await attachV11(parts, raceSelection(RACE));
    expect(await r.peer.next('receiver_selection_applied')).toMatchObject({ resolved_target_count: 3 });
    await r.peer.until(() => r.peer.events.length >= 12);
    expect([r.seqs(READER, 1), r.seqs(READER, 3), r.seqs(OTHER_READER, 1)]).toEqual([upTo(4), upTo(4), upTo(4)]);
    expect(r.seqs(READER, 2)).toEqual([]);
  });

  it('[RT-17] race/current: mapped and current only; none and a warning when the current one is not mapped', async () => {
    const parts = await prepared();
    const f = await attachF(parts);
    await f.push({ count: 3 });
    await map(parts, S, 1, RACE);
    const r = await attachV11(parts, raceSelection(RACE, 'current'));
    expect(await r.peer.next('receiver_selection_applied')).toMatchObject({ resolved_target_count: 1, warnings: [] });
    await r.peer.until(() => r.seqs().length === 3);
    await f.push({ epoch: 2, count: 2 });
    const applied = await r.peer.next('receiver_selection_applied');
    expect(applied.resolved_target_count).toBe(0);
    expect(applied.warnings).toEqual([expect.stringContaining(RACE)]);
    expect(r.seqs(READER, 2)).toEqual([]);
  });

  it('[RT-21] the current epoch moves before a read of it: the next epoch’s reads come, late ones of the old do not', async () => {
    const parts = await prepared();
    const f = await attachF(parts);
    await f.push({ count: 2 });
    await map(parts, S, 1, RACE);
    await map(parts, S, 2, RACE);
    const r = await attachV11(parts, raceSelection(RACE, 'current'));
    await r.peer.until(() => r.seqs().length === 2);
    await r.peer.next('receiver_selection_applied');
    await advance(parts, 2);
    expect(await r.peer.next('receiver_selection_applied')).toMatchObject({ resolved_target_count: 1, warnings: [] });
    await f.push({ from: 3, count: 2 });
    await f.push({ epoch: 2, count: 2 });
    await r.peer.until(() => r.seqs(READER, 2).length === 2);
    expect(r.seqs(READER, 1)).toEqual([1, 2]);
  });

  it('[RT-04] manual A → manual B: events of A stop, of B begin; applied each time', async () => {
    const parts = await prepared();
    const f = await attachF(parts, 'f1', [READER, OTHER_READER]);
    await f.push({ count: 2 });
    await f.push({ reader: OTHER_READER, count: 2 });
    const r = await attachV11(parts, manualSelection(['f1', READER]));
    await r.peer.until(() => r.seqs().length === 2);
    r.select(manualSelection(['f1', OTHER_READER]));
    await r.peer.until(() => r.seqs(OTHER_READER).length === 2);
    await f.push({ from: 3, count: 2 });
    await f.push({ reader: OTHER_READER, from: 3, count: 2 });
    await r.peer.until(() => r.seqs(OTHER_READER).length === 4);
    expect(r.seqs(READER)).toEqual([1, 2]);
    const [first, second] = r.peer.untaken('receiver_selection_applied');
    expect([first?.selection, second?.selection]).toEqual([
      manualSelection(['f1', READER]),
      manualSelection(['f1', OTHER_READER]),
    ]);
  });

  it('manual means all epochs, also later ones, and streams that do not exist yet', async () => {
    const parts = await prepared();
    const f = await attachF(parts);
    const r = await attachV11(parts, manualSelection(['f1', READER], ['f1', 'mat 9']));
    const applied = await r.peer.next('receiver_selection_applied');
    expect(applied).toMatchObject({ resolved_target_count: 1, warnings: [expect.stringContaining('f1.mat~9')] });
    await f.push({ count: 1 });
    await f.push({ epoch: 2, count: 2 });
    await f.push({ reader: 'mat 9', count: 3 });
    await r.peer.until(() => r.peer.events.length === 6);
    expect([r.seqs(READER, 1), r.seqs(READER, 2), r.seqs('mat 9')]).toEqual([[1], [1, 2], [1, 2, 3]]);
    const last = r.peer.untaken('receiver_selection_applied').at(-1);
    expect(last).toMatchObject({ resolved_target_count: 3, warnings: [] });
    expect(last?.selection).toEqual(manualSelection(['f1', READER], ['f1', 'mat 9']));
  });

  it('[RT-22] a forwarder’s race that differs from the epoch’s is a warning; events flow, the mapping stays', async () => {
    const parts = await prepared();
    const f = await attachF(parts);
    await f.push({ count: 2 });
    await map(parts, S, 1, RACE);
    await parts.setup.edit((doc) => setForwarderRace(doc, NodeId.parse('f1'), OTHER_RACE));
    const r = await attachV11(parts, raceSelection(RACE));
    const { warnings } = await r.peer.next('receiver_selection_applied');
    expect(warnings).toEqual([expect.stringContaining(OTHER_RACE)]);
    await r.peer.until(() => r.seqs().length === 2);
    await parts.setup.edit((doc) => setForwarderRace(doc, NodeId.parse('f1'), null));
    expect(await r.peer.next('receiver_selection_applied')).toMatchObject({ warnings: [], resolved_target_count: 1 });
    await f.push({ from: 3 });
    await r.peer.until(() => r.seqs().length === 3);
    expect(r.seqs()).toEqual([1, 2, 3]);
  });

  it('[RT-25] an unknown race is an explicit error, and the previous selection still delivers', async () => {
    const parts = await prepared();
    const f = await attachF(parts);
    await f.push({ count: 2 });
    const r = await attachV11(parts, manualSelection(['f1', READER]));
    await r.peer.until(() => r.seqs().length === 2);
    for (const none of ['no-such-race', 'no id at all', 'a/b']) {
      r.select(raceSelection(none));
      expect(await r.peer.next('error')).toMatchObject({ code: 'UNKNOWN_RACE', retryable: false });
    }
    await f.push({ from: 3, count: 2 });
    await r.peer.until(() => r.seqs().length === 4);
    expect(r.seqs()).toEqual(upTo(4));
    expect(r.peer.closed()).toBeNull();
    expect(r.peer.untaken('receiver_selection_applied')).toHaveLength(1);
  });

  it('[RT-25] an unknown race in the hello leaves the socket open with nothing selected', async () => {
    const parts = await prepared();
    const f = await attachF(parts);
    await f.push({ count: 2 });
    const r = await attachV11(parts, raceSelection('no-such-race'));
    expect(await r.peer.next('error')).toMatchObject({ code: 'UNKNOWN_RACE' });
    r.select(manualSelection(['f1', READER]));
    await r.peer.until(() => r.seqs().length === 2);
  });

  it('[RT-33] tells the relay which race it selects, in any spelling of the id, so that it is not deleted', async () => {
    const parts = await prepared();
    const r = await attachV11(parts, raceSelection(RACE.toUpperCase()));
    const selected = () => parts.presence.nodes(EVENT)[0]?.selectedRaceId;
    await r.peer.next('receiver_selection_applied');
    expect(selected()).toBe(RACE);
    r.select(NOTHING);
    await r.peer.next('receiver_selection_applied');
    expect(selected()).toBeNull();
  });

  it('[RT-09] a selected race that is deleted takes its targets away, and says so', async () => {
    const parts = await prepared();
    const f = await attachF(parts);
    await f.push({ count: 1 });
    await map(parts, S, 1, RACE);
    const r = await attachV11(parts, raceSelection(RACE));
    await r.peer.until(() => r.seqs().length === 1);
    await r.peer.next('receiver_selection_applied');
    await parts.setup.edit((doc) => void deleteRace(doc, RaceId.parse(RACE)));
    const applied = await r.peer.next('receiver_selection_applied');
    expect(applied).toMatchObject({ resolved_target_count: 0, warnings: [expect.any(String)] });
    await f.push({ from: 2 });
    expect(r.seqs()).toEqual([1]);
    expect(parts.log.head({ streamId: S, epoch: 1 })).toBe(2);
  });

  it('bytes that are no UTF-8 come as raw_frame, all others as text', async () => {
    const parts = await prepared();
    const f = await attachF(parts);
    const base = { forwarder_id: 'f1', reader_ip: READER, stream_epoch: 1, reader_timestamp: 't', read_type: 'RAW' };
    f.send([
      { ...base, seq: 1, raw_frame: [0xff, 0x41] },
      { ...base, seq: 2, raw_frame: [...Buffer.from('\ufeffnaïve\r\n')] },
    ]);
    const r = await attachV11(parts, manualSelection(['f1', READER]));
    await r.peer.until(() => r.seqs().length === 2);
    expect(r.peer.events).toEqual([
      { ...base, seq: 1, raw_frame: [0xff, 0x41] },
      { ...base, seq: 2, raw_read_line: '\ufeffnaïve\r\n' },
    ]);
  });
});

describe('a receiver on v1.1: cursors', () => {
  it('[RT-10] ack e1/5 and e2/3; after a reconnect e1 comes from 6, e2 from 4', async () => {
    const parts = await prepared();
    const f = await attachF(parts);
    await f.push({ count: 8 });
    await f.push({ epoch: 2, count: 8 });
    const r = await attachV11(parts, manualSelection(['f1', READER]));
    await r.peer.until(() => r.peer.events.length === 16);
    r.ack([
      { epoch: 1, seq: 5 },
      { epoch: 2, seq: 3 },
    ]);
    // the frame behind it is taken after the cursors are durable
    r.select(NOTHING);
    await r.peer.until(() => r.peer.untaken('receiver_selection_applied').length === 2);
    r.peer.hangUp();
    const again = await attachV11(parts, manualSelection(['f1', READER]));
    await again.peer.until(() => again.peer.events.length === 8);
    expect([again.seqs(READER, 1), again.seqs(READER, 2)]).toEqual([upTo(8, 6), upTo(8, 4)]);
  });

  it('[RT-11] ack 5 then 3: after a reconnect from 6', async () => {
    const parts = await prepared();
    const f = await attachF(parts);
    await f.push({ count: 8 });
    const r = await attachV11(parts, manualSelection(['f1', READER]));
    await r.peer.until(() => r.seqs().length === 8);
    r.ack([{ seq: 5 }]);
    r.ack([{ seq: 3 }]);
    r.select(manualSelection(['f1', READER]));
    await r.peer.until(() => r.seqs().length === 11);
    expect(r.seqs().slice(8)).toEqual([6, 7, 8]);
    const again = await attachV11(parts, manualSelection(['f1', READER]));
    await again.peer.until(() => again.seqs().length === 3);
    expect(again.seqs()).toEqual([6, 7, 8]);
  });

  it('an ack beyond the head counts as the head; one of a stream that is not there, as nothing', async () => {
    const parts = await prepared();
    const f = await attachF(parts);
    await f.push({ count: 3 });
    const r = await attachV11(parts, manualSelection(['f1', READER]));
    r.ack([{ seq: 1000 }, { reader: 'nowhere', seq: 4 }]);
    r.select(NOTHING);
    await r.peer.until(() => r.peer.untaken('receiver_selection_applied').length === 2);
    await f.push({ from: 4, count: 2 });
    const again = await attachV11(parts, manualSelection(['f1', READER]));
    await again.peer.until(() => again.seqs().length === 2);
    expect(again.seqs()).toEqual([4, 5]);
    expect(parts.registry.cursors(NodeId.parse('r1'))).toHaveLength(1);
  });

  it('an ack of another session is SESSION_EXPIRED and raises nothing', async () => {
    const parts = await prepared();
    const f = await attachF(parts);
    await f.push({ count: 3 });
    const r = await attachV11(parts, manualSelection(['f1', READER]));
    r.peer.say({ kind: 'receiver_ack', session_id: 'old', entries: [] });
    expect(await r.peer.next('error')).toMatchObject({ code: 'SESSION_EXPIRED', retryable: true });
    expect(parts.registry.cursors(NodeId.parse('r1'))).toEqual([]);
  });

  it('[RT-19] select, ack to k, unmap (events stop), map again: the first is k+1', async () => {
    const parts = await prepared();
    const f = await attachF(parts);
    await f.push({ count: 6 });
    await map(parts, S, 1, RACE);
    const r = await attachV11(parts, raceSelection(RACE));
    await r.peer.until(() => r.seqs().length === 6);
    r.ack([{ seq: 4 }]);
    await r.peer.next('receiver_selection_applied');
    await map(parts, S, 1, null);
    expect(await r.peer.next('receiver_selection_applied')).toMatchObject({ resolved_target_count: 0 });
    await f.push({ from: 7, count: 2 });
    expect(r.seqs()).toEqual(upTo(6));
    await map(parts, S, 1, RACE);
    await r.peer.until(() => r.seqs().length === 10);
    expect(r.seqs().slice(6)).toEqual([5, 6, 7, 8]);
  });
});
