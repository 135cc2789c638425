import { decodeBatch } from '@baton/schema/reads';
import { describe, expect, it } from 'vitest';
import { grantOf } from '../support/relay-parts.ts';
import { attachF, createFieldParts, eventsOf, OTHER_READER, READER, streamOf, upTo } from './support/field-parts.ts';

const S = streamOf('f1', READER);

const storedReads = async (parts: Awaited<ReturnType<typeof createFieldParts>>, epoch = 1, reader = READER) => {
  const batches = await parts.log.read({ streamId: streamOf('f1', reader), epoch }, 0, 100_000);
  return batches.flatMap((it) => {
    const batch = decodeBatch(it.batch);
    if (!batch.ok) throw new Error(batch.error.message);
    return Array.from({ length: batch.value.count }, (_, index) => batch.value.at(index));
  });
};
const textOf = (raw: Uint8Array): string => new TextDecoder().decode(raw);

describe('a forwarder in the field: hello', () => {
  it('is answered at once by the relay’s heartbeat with the session id, and its streams exist', async () => {
    const parts = await createFieldParts();
    const { peer, session } = await attachF(parts, 'f1', [READER, OTHER_READER]);
    expect(peer.messages).toEqual([{ kind: 'heartbeat', session_id: session, device_id: 'f1' }]);
    expect(parts.registry.stream(S)).toMatchObject({ forwarderId: 'f1', reader: READER, currentEpoch: 1 });
    expect(parts.registry.stream(streamOf('f1', OTHER_READER))).toMatchObject({ reader: OTHER_READER });
    expect(parts.presence.isAttached(parts.registry.stream(S)?.forwarderId ?? ('' as never))).toBe(true);
  });

  it('may be repeated and then adds readers, in the same session', async () => {
    const parts = await createFieldParts();
    const { peer, session, push } = await attachF(parts);
    peer.say({ kind: 'forwarder_hello', forwarder_id: 'f1', reader_ips: [OTHER_READER] });
    expect(await peer.next('heartbeat')).toMatchObject({ session_id: session });
    expect(await push({ reader: OTHER_READER })).toMatchObject({ entries: [{ reader_ip: OTHER_READER, last_seq: 1 }] });
    expect(await push({ reader: READER })).toMatchObject({ entries: [{ reader_ip: READER, last_seq: 1 }] });
  });

  it('may leave its id empty: the token says it', async () => {
    const parts = await createFieldParts();
    const peer = parts.connectForwarder(grantOf('forwarder', 'f1'));
    peer.say({ kind: 'forwarder_hello', forwarder_id: '', reader_ips: [READER] });
    expect(await peer.next('heartbeat')).toMatchObject({ device_id: 'f1' });
  });

  it.each([
    ['another message first', JSON.stringify({ kind: 'heartbeat', session_id: 'x', device_id: 'f1' })],
    ['an unknown message first', JSON.stringify({ kind: 'forwarder_hello_v9' })],
    ['text that is no JSON', '{'],
    ['JSON without a kind', '{"type":"forwarder_hello"}'],
    ['bytes', Uint8Array.of(1, 2, 3)],
    ['a hello without readers', JSON.stringify({ kind: 'forwarder_hello', forwarder_id: 'f1', reader_ips: [] })],
    [
      'a version that is none',
      JSON.stringify({ kind: 'forwarder_hello', forwarder_id: 'f1', reader_ips: ['a'], client_version: 'v1' }),
    ],
  ])('%s is a PROTOCOL_ERROR, and the socket ends', async (_, frame) => {
    const parts = await createFieldParts();
    const peer = parts.connectForwarder(grantOf('forwarder', 'f1'));
    peer.raw(frame);
    expect(await peer.next('error')).toMatchObject({ code: 'PROTOCOL_ERROR', retryable: false });
    expect(peer.closed()?.code).toBe(4400);
  });

  it('of another device is an IDENTITY_MISMATCH', async () => {
    const parts = await createFieldParts();
    const peer = parts.connectForwarder(grantOf('forwarder', 'f1'));
    peer.say({ kind: 'forwarder_hello', forwarder_id: 'f2', reader_ips: [READER] });
    expect(await peer.next('error')).toMatchObject({ code: 'IDENTITY_MISMATCH', retryable: false });
    expect(peer.closed()).not.toBeNull();
    expect(parts.registry.stream(S)).toBeUndefined();
  });

  it.each(['receiver', 'operator', 'admin', 'viewer'] as const)('with the token of a %s is refused', async (role) => {
    const parts = await createFieldParts();
    const peer = parts.connectForwarder(grantOf(role, role === 'receiver' ? 'r1' : null));
    expect(await peer.next('error')).toMatchObject({ code: 'INVALID_TOKEN', retryable: false });
    expect(peer.closed()?.code).toBe(4401);
  });

  it('two readers whose names come to one stream are refused: they would be two writers', async () => {
    const parts = await createFieldParts();
    const peer = parts.connectForwarder(grantOf('forwarder', 'f1'));
    peer.say({ kind: 'forwarder_hello', forwarder_id: 'f1', reader_ips: ['起点', '终点'] });
    expect(await peer.next('error')).toMatchObject({
      code: 'PROTOCOL_ERROR',
      message: expect.stringContaining('终点'),
    });
  });
});

describe('a forwarder in the field: batches', () => {
  it('[P1] [P2] the ack comes after the store has it, with the high-water mark of each (stream, epoch)', async () => {
    const parts = await createFieldParts();
    const { peer, send } = await attachF(parts, 'f1', [READER, OTHER_READER]);
    send([
      ...eventsOf('f1', { count: 3 }),
      ...eventsOf('f1', { reader: OTHER_READER, epoch: 2, count: 2 }),
      ...eventsOf('f1', { from: 4, count: 2 }),
    ]);
    expect((await peer.next('forwarder_ack')).entries).toEqual([
      { forwarder_id: 'f1', reader_ip: READER, stream_epoch: 1, last_seq: 5 },
      { forwarder_id: 'f1', reader_ip: OTHER_READER, stream_epoch: 2, last_seq: 2 },
    ]);
    expect((await storedReads(parts)).map((it) => textOf(it.raw))).toEqual(upTo(5).map((seq) => `e1 ${seq}`));
    expect(parts.registry.stream(streamOf('f1', OTHER_READER))?.currentEpoch).toBe(2);
  });

  it('[RT-34] the same batch again is acked, counted as duplicates, and stored once', async () => {
    const parts = await createFieldParts();
    const { push } = await attachF(parts);
    const first = await push({ count: 5 });
    expect(await push({ count: 5 })).toEqual(first);
    expect(parts.registry.stream(S)).toMatchObject({ accepted: 5, duplicates: 5, conflicts: 0 });
    expect(await storedReads(parts)).toHaveLength(5);
  });

  it('[RT-34] byte-identical lines under different numbers are all kept', async () => {
    const parts = await createFieldParts();
    const { peer, send } = await attachF(parts);
    send(eventsOf('f1', { count: 4 }).map((it) => ({ ...it, raw_read_line: 'the same line' })));
    await peer.next('forwarder_ack');
    expect(await storedReads(parts)).toHaveLength(4);
  });

  it('[RT-34] other bytes under a known number: conflict told, the first kept, the second lives on in a fresh epoch', async () => {
    const parts = await createFieldParts();
    const f = await attachF(parts);
    await f.push({ count: 5 });
    f.send(eventsOf('f1', { from: 4, count: 3, label: 'other' }));
    expect(await f.peer.next('error')).toMatchObject({ code: 'INTEGRITY_CONFLICT', retryable: false });
    expect(f.peer.closed()).not.toBeNull();
    expect(parts.registry.stream(S)).toMatchObject({ conflicts: 1, accepted: 5, currentEpoch: 2, commandedEpoch: 2 });
    expect((await storedReads(parts)).map((it) => textOf(it.raw))).toEqual(upTo(5).map((seq) => `e1 ${seq}`));

    const again = await attachF(parts);
    expect(await again.peer.next('epoch_reset_command')).toEqual({
      kind: 'epoch_reset_command',
      session_id: again.session,
      forwarder_id: 'f1',
      reader_ip: READER,
      new_stream_epoch: 2,
    });
    await again.push({ epoch: 2, count: 3, label: 'other' });
    expect((await storedReads(parts, 2)).map((it) => textOf(it.raw))).toEqual(['other 1', 'other 2', 'other 3']);
    expect(parts.registry.stream(S)).toMatchObject({ commandedEpoch: null });
  });

  it('[RT-34] a device that repeats its conflict is commanded the same epoch, not one more each time', async () => {
    const parts = await createFieldParts();
    await (await attachF(parts)).push({ count: 1 });
    for (let time = 0; time < 3; time++) {
      const f = await attachF(parts);
      await f.push({ count: 1, label: 'other' });
      expect(f.peer.closed()).not.toBeNull();
    }
    expect(parts.registry.stream(S)).toMatchObject({ currentEpoch: 2, commandedEpoch: 2, conflicts: 3 });
  });

  it('[RT-34] what was taken is acked even where another reader’s reads conflict', async () => {
    const parts = await createFieldParts();
    const f = await attachF(parts, 'f1', [READER, OTHER_READER]);
    await f.push({ count: 2 });
    f.send([...eventsOf('f1', { reader: OTHER_READER, count: 3 }), ...eventsOf('f1', { count: 2, label: 'other' })]);
    expect((await f.peer.next('forwarder_ack')).entries).toMatchObject([{ reader_ip: OTHER_READER, last_seq: 3 }]);
    expect(await f.peer.next('error')).toMatchObject({ code: 'INTEGRITY_CONFLICT' });
  });

  it('a gap is a PROTOCOL_ERROR that names the expected number', async () => {
    const parts = await createFieldParts();
    const f = await attachF(parts);
    await f.push({ count: 3 });
    f.send(eventsOf('f1', { from: 5, count: 1 }));
    const error = await f.peer.next('error');
    expect(error).toMatchObject({ code: 'PROTOCOL_ERROR', retryable: false });
    expect(error.message).toMatch(/expected seq 4\b/);
    expect(f.peer.closed()).not.toBeNull();
  });

  it('an event of a reader that no hello named brings its stream into being', async () => {
    const parts = await createFieldParts();
    const { push } = await attachF(parts);
    expect(await push({ reader: 'mat 7' })).toMatchObject({ entries: [{ reader_ip: 'mat 7', last_seq: 1 }] });
    expect(parts.registry.stream(streamOf('f1', 'mat 7'))).toMatchObject({ reader: 'mat 7' });
  });

  it('an event of another forwarder is an IDENTITY_MISMATCH, and nothing of the batch is stored', async () => {
    const parts = await createFieldParts();
    const { peer, send } = await attachF(parts);
    send([...eventsOf('f1', { count: 2 }), ...eventsOf('f2', { from: 3 })]);
    expect(await peer.next('error')).toMatchObject({ code: 'IDENTITY_MISMATCH' });
    expect(parts.log.head({ streamId: S, epoch: 1 })).toBe(0);
  });

  it('a batch of another session is SESSION_EXPIRED, retryable', async () => {
    const parts = await createFieldParts();
    const { peer } = await attachF(parts);
    peer.say({ kind: 'forwarder_event_batch', session_id: 'an old one', batch_id: 'b', events: eventsOf('f1') });
    expect(await peer.next('error')).toMatchObject({ code: 'SESSION_EXPIRED', retryable: true });
    expect(parts.log.head({ streamId: S, epoch: 1 })).toBe(0);
  });

  it.each([
    ['seq 0', { seq: 0 }],
    ['a seq beyond 2^53', { seq: 2 ** 60 }],
    ['epoch 0', { stream_epoch: 0 }],
    ['no line', { raw_read_line: undefined }],
    ['a line of 1025 bytes', { raw_read_line: 'x'.repeat(1025) }],
    ['a byte of 256', { raw_frame: [256] }],
    ['half a surrogate pair', { raw_read_line: '\ud800' }],
    ['an empty reader name', { reader_ip: '' }],
    ['an epoch far beyond the current one', { stream_epoch: 100_000 }],
  ])('%s is a PROTOCOL_ERROR and stores nothing', async (_, wrong) => {
    const parts = await createFieldParts();
    const { peer, send } = await attachF(parts);
    send([...eventsOf('f1'), { ...eventsOf('f1', { from: 2 })[0], ...wrong }]);
    expect(await peer.next('error')).toMatchObject({ code: 'PROTOCOL_ERROR' });
    expect(parts.log.head({ streamId: S, epoch: 1 })).toBe(0);
  });

  it('keeps bytes, reader time and type as sent; chip and a missing time are derived from an IPICO line', async () => {
    const parts = await createFieldParts();
    const { peer, send } = await attachF(parts);
    const line = 'aa400000000123450a2a01123018455927a7';
    const [one] = eventsOf('f1');
    send([
      { ...one, seq: 1, raw_read_line: line, read_type: 'raw', reader_timestamp: '2001-12-30T18:45:59.390Z' },
      { ...one, seq: 2, raw_read_line: undefined, raw_frame: [...Buffer.from(`${line}\r\n`)] },
      { ...one, seq: 3, raw_read_line: undefined, raw_frame: [0, 255, 13, 10] },
      { ...one, seq: 4, raw_read_line: 'naïve Zeile', reader_timestamp: undefined, read_type: 'FSLS' },
      { ...one, seq: 5, raw_read_line: line, reader_timestamp: null },
    ]);
    await peer.next('forwarder_ack');
    const reads = await storedReads(parts);
    expect(reads.map((it) => [...it.raw])).toEqual([
      [...Buffer.from(line)],
      [...Buffer.from(`${line}\r\n`)],
      [0, 255, 13, 10],
      [...Buffer.from('naïve Zeile')],
      [...Buffer.from(line)],
    ]);
    expect(reads.map((it) => it.chip)).toEqual(['000000012345', '000000012345', null, null, '000000012345']);
    expect(reads.map((it) => it.kind)).toEqual(['raw', 'RAW', 'RAW', 'FSLS', 'RAW']);
    expect(reads[0]?.readerTime).toBe('2001-12-30T18:45:59.390Z');
    expect(reads[3]?.readerTime).toBeNull();
    expect(reads[4]?.readerTime).toBe('2001-12-30T18:45:59.390');
  });

  it('batches over 1,024 reads, and over the size of a stored batch, are split', async () => {
    const parts = await createFieldParts();
    const { push } = await attachF(parts);
    expect(await push({ count: 2500 })).toMatchObject({ entries: [{ last_seq: 2500 }] });
    expect(await push({ from: 2501, count: 1200, label: 'x'.repeat(1000) })).toMatchObject({
      entries: [{ last_seq: 3700 }],
    });
    expect(parts.log.head({ streamId: S, epoch: 1 })).toBe(3700);
  });

  it('unknown kinds and fields are passed over [P26]', async () => {
    const parts = await createFieldParts();
    const { peer, push } = await attachF(parts);
    peer.say({ kind: 'config_get_response', request_id: '1' });
    peer.say({ kind: 'heartbeat', session_id: 's', device_id: 'f1', uptime: 5 });
    expect(await push()).toMatchObject({ kind: 'forwarder_ack' });
  });
});

describe('a forwarder in the field: epochs', () => {
  it('is commanded at once, and again after each hello until an event of that epoch or a higher one came', async () => {
    const parts = await createFieldParts();
    const { peer, push } = await attachF(parts, 'f1', [READER, OTHER_READER]);
    await push();
    const row = parts.registry.stream(S);
    if (row === undefined) throw new Error('no stream');
    const stream = { ...row, currentEpoch: 2, commandedEpoch: 2 };
    await parts.registry.change([{ type: 'putStream', stream }]);
    expect(parts.presence.commandEpoch(S, 2)).toBe(true);
    expect(await peer.next('epoch_reset_command')).toMatchObject({ reader_ip: READER, new_stream_epoch: 2 });

    peer.say({ kind: 'forwarder_hello', forwarder_id: 'f1', reader_ips: [READER] });
    expect(await peer.next('epoch_reset_command')).toMatchObject({ new_stream_epoch: 2 });
    await push({ from: 2 }); // a late read of the old epoch confirms nothing
    const again = await attachF(parts);
    expect(await again.peer.next('epoch_reset_command')).toMatchObject({ new_stream_epoch: 2 });
    await again.push({ epoch: 3 });
    const last = await attachF(parts);
    await last.push({ epoch: 3, from: 2 });
    expect(last.peer.untaken('epoch_reset_command')).toEqual([]);
  });
});
