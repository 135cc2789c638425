import { describe, expect, it } from 'vitest';
import { addRace, grantOf, RACE } from '../support/relay-parts.ts';
import {
  attachF,
  attachV1,
  createFieldParts,
  manualSelection,
  OTHER_READER,
  READER,
  upTo,
} from './support/field-parts.ts';

describe('a receiver on v1', () => {
  it('[RT-03] the scripted dialogue: hello with resume, subscribe, ack, reconnect', async () => {
    const parts = await createFieldParts();
    const f = await attachF(parts, 'f1', [READER, OTHER_READER]);
    await f.push({ count: 6 });
    await f.push({ reader: OTHER_READER, count: 3 });

    const r = await attachV1(parts, [{ seq: 2 }]);
    expect(r.peer.messages[0]).toEqual({ kind: 'heartbeat', session_id: r.session, device_id: 'r1' });
    await r.peer.until(() => r.seqs().length === 4);
    expect(r.seqs()).toEqual([3, 4, 5, 6]);
    expect(r.seqs(OTHER_READER)).toEqual([]);

    r.subscribe(OTHER_READER);
    await r.peer.until(() => r.seqs(OTHER_READER).length === 3);
    expect(r.seqs()).toEqual([3, 4, 5, 6]); // what was there already goes on undisturbed

    r.ack([{ seq: 5 }, { reader: OTHER_READER, seq: 2 }]);
    r.subscribe(READER);
    await f.push({ from: 7 });
    await r.peer.until(() => r.seqs().length === 5);
    r.peer.hangUp();

    const again = await attachV1(parts);
    again.subscribe(READER, OTHER_READER);
    await again.peer.until(() => again.peer.events.length === 3);
    expect([again.seqs(), again.seqs(OTHER_READER)]).toEqual([[6, 7], [3]]);
    expect(again.peer.messages.map((it) => it.kind)).not.toContain('receiver_selection_applied');
  });

  it('[RT-03] refuses a v1.1 hello', async () => {
    const parts = await createFieldParts();
    const peer = parts.connectV1(grantOf('receiver', 'r1'));
    peer.say({ kind: 'receiver_hello_v11', receiver_id: 'r1', selection: manualSelection() });
    expect(await peer.next('error')).toMatchObject({ code: 'PROTOCOL_ERROR', retryable: false });
    expect(peer.closed()).not.toBeNull();
  });

  it('[RT-03] knows no selection: a v1.1 message is passed over', async () => {
    const parts = await createFieldParts();
    await addRace(parts, RACE, '10 km');
    const f = await attachF(parts);
    await f.push({ count: 2 });
    const r = await attachV1(parts, [{ seq: 0 }]);
    r.select(manualSelection());
    await f.push({ from: 3 });
    await r.peer.until(() => r.seqs().length === 3);
    expect(r.seqs()).toEqual([1, 2, 3]);
  });

  it('the hello’s position goes before the relay’s cursor, which itself only rises', async () => {
    const parts = await createFieldParts();
    const f = await attachF(parts);
    await f.push({ count: 9 });
    const first = await attachV1(parts, [{ seq: 7 }]);
    await first.peer.until(() => first.seqs().length === 2);
    const lost = await attachV1(parts, [{ seq: 3 }]); // it lost its disk, and says so
    await lost.peer.until(() => lost.seqs().length === 6);
    expect(lost.seqs()).toEqual(upTo(9, 4));
    const unsaid = await attachV1(parts);
    unsaid.subscribe(READER);
    await unsaid.peer.until(() => unsaid.seqs().length === 2);
    expect(unsaid.seqs()).toEqual([8, 9]);
  });

  it('a position beyond the head goes on there once the relay is refilled', async () => {
    const parts = await createFieldParts();
    const f = await attachF(parts);
    await f.push({ count: 2 });
    const r = await attachV1(parts, [{ seq: 4 }]);
    await f.push({ from: 3, count: 4 });
    await r.peer.until(() => r.seqs().length === 2);
    expect(r.seqs()).toEqual([5, 6]);
  });

  it('a subscribed stream means all its epochs, later ones included, also before it exists', async () => {
    const parts = await createFieldParts();
    const r = await attachV1(parts);
    r.subscribe(READER);
    const f = await attachF(parts);
    await f.push({ count: 2 });
    await r.peer.until(() => r.seqs(READER, 1).length === 2);
    await f.push({ epoch: 2, count: 2 });
    await r.peer.until(() => r.seqs(READER, 2).length === 2);
    expect([r.seqs(READER, 1), r.seqs(READER, 2)]).toEqual([upTo(2), upTo(2)]);
  });

  it('[P14] a stream of another event gives nothing', async () => {
    const parts = await createFieldParts();
    const f = await attachF(parts);
    await f.push({ count: 2 });
    const other = { ...parts.registry.events()[0]!, eventId: 'other-run' as never };
    await parts.registry.change([{ type: 'putEvent', event: other }]);
    const peer = parts.connectV1({ ...grantOf('receiver', 'r9'), eventId: other.eventId });
    const entry = { forwarder_id: 'f1', reader_ip: READER, stream_epoch: 1, last_seq: 0 };
    peer.say({ kind: 'receiver_hello', receiver_id: 'r9', resume: [entry] });
    await peer.next('heartbeat');
    await f.push({ from: 3 });
    expect(peer.events).toEqual([]);
    expect(parts.registry.cursors('r9' as never)).toEqual([]);
  });

  it('more than 1,000 streams are refused', async () => {
    const parts = await createFieldParts();
    const r = await attachV1(parts);
    r.subscribe(...Array.from({ length: 1000 }, (_, index) => `a${index}`));
    r.subscribe('one more');
    expect(await r.peer.next('error')).toMatchObject({ code: 'PROTOCOL_ERROR' });
  });
});
