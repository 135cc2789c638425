import { afterEach, describe, expect, it } from 'vitest';
import { createEvent, createRace, createToken, type RelayFixture, startRelay } from '../http/relay-fixture.ts';
import { openField } from './support/field-client.ts';
import {
  eventsOf,
  manualSelection,
  type Numbered,
  READER,
  raceSelection,
  streamOf,
  upTo,
} from './support/field-parts.ts';

const EVENT = 'spring-run';
const S = streamOf('f1', READER);

let fixture: RelayFixture | null = null;

afterEach(async () => {
  await fixture?.close();
  expect(fixture?.defects).toEqual([]);
  fixture = null;
});

/** A relay with an event, a race, and a token for F and for R. */
const prepared = async () => {
  fixture = await startRelay();
  await createEvent(fixture, EVENT);
  const { raceId } = await createRace(fixture, EVENT);
  const forwarder = await createToken(fixture, 'forwarder', EVENT, 'f1');
  const receiver = await createToken(fixture, 'receiver', EVENT, 'r1');
  return { relay: fixture, raceId, forwarder, receiver };
};

const openF = async (relay: RelayFixture, token: string) => {
  const client = await openField(relay, '/ws/v1/forwarders', token);
  client.say({ kind: 'forwarder_hello', forwarder_id: 'f1', reader_ips: [READER] });
  const { session_id } = await client.next('heartbeat');
  const send = (what: Numbered): void =>
    client.say({ kind: 'forwarder_event_batch', session_id, batch_id: 'b', events: eventsOf('f1', what) });
  return {
    client,
    send,
    push: (what: Numbered) => {
      send(what);
      return client.next('forwarder_ack');
    },
  };
};

const openR = async (relay: RelayFixture, token: string, selection: object) => {
  const client = await openField(relay, '/ws/v1.1/receivers', token);
  client.say({ kind: 'receiver_hello_v11', receiver_id: 'r1', selection });
  const { session_id } = await client.next('heartbeat');
  const ack = (seq: number): void =>
    client.say({
      kind: 'receiver_ack',
      session_id,
      entries: [{ forwarder_id: 'f1', reader_ip: READER, stream_epoch: 1, last_seq: seq }],
    });
  return { client, ack };
};

describe('systems in the field on real sockets', () => {
  it.each(['/ws/v1/forwarders', '/ws/v1/receivers', '/ws/v1.1/receivers'])(
    '%s: no token and a bad one are told INVALID_TOKEN, then the socket ends',
    async (path) => {
      const { relay } = await prepared();
      for (const token of [null, '', 'no-such-token']) {
        const client = await openField(relay, path, token);
        expect(await client.next('error')).toMatchObject({ code: 'INVALID_TOKEN', retryable: false });
        await client.until(() => client.closed() !== null);
        expect(client.closed()?.code).toBe(4401);
      }
    },
  );

  it('[P17] a revoked token ends its session', async () => {
    const { relay } = await prepared();
    const made = await relay.ask('POST', '/api/v1/tokens', {
      body: { role: 'forwarder', eventId: EVENT, nodeId: 'f1' },
    });
    const { token, tokenId } = made.body as { token: string; tokenId: string };
    const f = await openF(relay, token);
    await relay.ask('DELETE', `/api/v1/tokens/${tokenId}`);
    await f.client.until(() => f.client.closed() !== null);
    expect(f.client.closed()?.code).toBe(4401);
  });

  it('GET /streams shows the reader as the forwarder spells it', async () => {
    const { relay, forwarder } = await prepared();
    await openF(relay, forwarder);
    const { body } = await relay.ask('GET', `/api/v1/streams?eventId=${EVENT}`);
    expect(body).toMatchObject({ streams: [{ streamId: S, reader: READER, forwarderId: 'f1' }] });
  });

  it('[RT-13] [RT-21] activate-next: command, epoch and mapping at once; a late read of the old epoch is not for current', async () => {
    const { relay, raceId, forwarder, receiver } = await prepared();
    const f = await openF(relay, forwarder);
    await f.push({ count: 3 });
    await relay.ask('PUT', `/api/v1/streams/${S}/epochs/1/race`, { body: { raceId } });
    const r = await openR(relay, receiver, raceSelection(raceId, 'current'));
    await r.client.until(() => r.client.seqs(READER).length === 3);

    const activated = await relay.ask('POST', `/api/v1/races/${raceId}/streams/${S}/epochs/activate-next`);
    expect(activated.body).toEqual({ streamId: S, epoch: 2, raceId });
    f.send({ from: 4, count: 1 }); // at once, in the old epoch
    expect(await f.client.next('epoch_reset_command')).toMatchObject({ reader_ip: READER, new_stream_epoch: 2 });
    const { body } = await relay.ask('GET', `/api/v1/streams?eventId=${EVENT}`);
    expect(body).toMatchObject({ streams: [{ epoch: 2 }] });
    const mappings = await relay.ask('GET', `/api/v1/races/${raceId}/stream-epochs`);
    expect(mappings.body).toMatchObject({ mappings: [{ epoch: 1 }, { epoch: 2 }] });

    await f.client.next('forwarder_ack');
    await f.push({ epoch: 2, count: 2 });
    await r.client.until(() => r.client.seqs(READER, 2).length === 2);
    expect([r.client.seqs(READER, 1), r.client.seqs(READER, 2)]).toEqual([upTo(3), upTo(2)]);
  });

  it('[RT-12] [RT-32] activate-next without its forwarder: 409, nothing mapped, queued or commanded later', async () => {
    const { relay, raceId, forwarder } = await prepared();
    const f = await openF(relay, forwarder);
    await f.push({ count: 1 });
    f.client.socket.close();
    await f.client.until(() => f.client.closed() !== null);
    const path = `/api/v1/races/${raceId}/streams/${S}/epochs/activate-next`;
    const refused = async (): Promise<number> => (await relay.ask('POST', path)).status;
    await expect.poll(refused).toBe(409);
    const again = await openF(relay, forwarder);
    await again.push({ from: 2, count: 1 });
    expect(again.client.ofKind('epoch_reset_command')).toEqual([]);
    expect((await relay.ask('GET', `/api/v1/races/${raceId}/stream-epochs`)).body).toEqual({ mappings: [] });
    expect((await relay.ask('POST', path)).body).toMatchObject({ epoch: 2 });
  });

  it('[RT-14] activate-next twice at once while a batch waits for its ack: two rising epochs or a refusal, none sent twice', async () => {
    const { relay, raceId, forwarder } = await prepared();
    const f = await openF(relay, forwarder);
    f.send({ count: 50 });
    const path = `/api/v1/races/${raceId}/streams/${S}/epochs/activate-next`;
    const answers = await Promise.all([relay.ask('POST', path), relay.ask('POST', path)]);
    await f.client.next('forwarder_ack');
    const epochs = answers.filter((it) => it.status === 200).map((it) => (it.body as { epoch: number }).epoch);
    expect(answers.map((it) => it.status).every((status) => status === 200 || status === 409)).toBe(true);
    expect(epochs.length).toBeGreaterThan(0);
    expect(new Set(epochs).size).toBe(epochs.length);
    await f.push({ epoch: Math.max(...epochs), count: 1 });
    const commanded = f.client.ofKind('epoch_reset_command').map((it) => it.new_stream_epoch);
    expect(commanded).toEqual([...epochs].sort());
  });

  it('[RT-34] a repeated batch is acked and once in the export; a conflict is visible and the second lives on', async () => {
    const { relay, forwarder } = await prepared();
    const f = await openF(relay, forwarder);
    const first = await f.push({ count: 4 });
    expect((await f.push({ count: 4 })).entries).toEqual(first.entries);
    f.send({ count: 4, label: 'other' });
    expect(await f.client.next('error')).toMatchObject({ code: 'INTEGRITY_CONFLICT' });
    await f.client.until(() => f.client.closed() !== null);
    const again = await openF(relay, forwarder);
    const { new_stream_epoch: epoch } = await again.client.next('epoch_reset_command');
    await again.push({ epoch, count: 4, label: 'other' });
    const { text } = await relay.ask('GET', `/api/v1/streams/${S}/export.txt`);
    expect(text).toBe([...upTo(4).map((n) => `e1 ${n}\n`), ...upTo(4).map((n) => `other ${n}\n`)].join(''));
    const { body } = await relay.ask('GET', `/api/v1/streams?eventId=${EVENT}`);
    expect(body).toMatchObject({ streams: [{ counters: { accepted: 8, duplicates: 4, conflicts: 1 } }] });
  });

  it('[RT-39] a new F with the same token is served while the frozen one’s socket still stands', async () => {
    const { relay, forwarder } = await prepared();
    const frozen = await openF(relay, forwarder);
    await frozen.push({ count: 2 });
    frozen.client.socket.pause(); // it neither reads nor answers the closing handshake
    const began = performance.now();
    const fresh = await openF(relay, forwarder);
    expect((await fresh.push({ from: 3, count: 1 })).entries).toMatchObject([{ last_seq: 3 }]);
    expect(performance.now() - began).toBeLessThan(2000);
    frozen.client.socket.resume();
    expect(await frozen.client.next('error')).toMatchObject({ code: 'PROTOCOL_ERROR' });
    await frozen.client.until(() => frozen.client.closed() !== null);
    expect(frozen.client.closed()?.code).toBe(4409);
  });

  it('[RT-24] [RT-23] 50,000 events, more written meanwhile, the selection changed mid-way', async () => {
    const { relay, forwarder, receiver } = await prepared();
    const f = await openF(relay, forwarder);
    for (let from = 1; from <= 50_000; from += 1000) await f.push({ from, count: 1000 });
    const r = await openR(relay, receiver, manualSelection(['f1', READER]));
    await r.client.until(() => r.client.seqs(READER).length >= 5000);
    r.client.socket.pause();
    r.ack(4000);
    r.client.say({ kind: 'receiver_set_selection', selection: manualSelection() });
    await f.push({ from: 50_001, count: 500 });
    r.client.socket.resume();
    await r.client.until(() => r.client.ofKind('receiver_selection_applied').length === 2);
    const before = r.client.seqs(READER).length;
    expect(r.client.seqs(READER)).toEqual(upTo(before));

    r.client.say({ kind: 'receiver_set_selection', selection: manualSelection(['f1', READER]) });
    for (let from = 50_501; from <= 51_000; from += 100) await f.push({ from, count: 100 });
    await r.client.until(() => r.client.seqs(READER).at(-1) === 51_000);
    expect(r.client.seqs(READER).slice(before)).toEqual(upTo(51_000, 4001));
  });

  it('a frame over the limit closes with 4413', async () => {
    const { relay, forwarder } = await prepared();
    const f = await openF(relay, forwarder);
    f.send({ count: 1, label: 'x'.repeat(3 * 1024 * 1024) });
    await f.client.until(() => f.client.closed() !== null);
    expect(f.client.closed()?.code).toBe(4413);
  });
});
