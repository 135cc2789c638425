import type { Grant } from '../../../src/auth/grant.ts';
import type { FieldDeps } from '../../../src/field/field-session.ts';
import { runFieldForwarder } from '../../../src/field/forwarder-session.ts';
import { runFieldReceiverV1, runFieldReceiverV11 } from '../../../src/field/receiver-session.ts';
import { createParts, grantOf, type PartsOptions, stream } from '../../support/relay-parts.ts';
import { createFieldPeer, type FieldPeer } from './field-peer.ts';

export const FIELD_TIMERS = { heartbeatMs: 30_000, timeoutMs: 90_000 };

/** A relay without sockets, with the field's routes beside `/sync`. */
export const createFieldParts = async (options: PartsOptions & { fieldTimers?: FieldDeps['fieldTimers'] } = {}) => {
  const parts = await createParts(options);
  const deps: FieldDeps = { ...parts.deps, fieldTimers: options.fieldTimers ?? FIELD_TIMERS };
  const connectBy = (run: (deps: FieldDeps, socket: FieldPeer['socket'], grant: Grant) => void) => (grant: Grant) => {
    const peer = createFieldPeer();
    run(deps, peer.socket, grant);
    return peer;
  };
  return {
    ...parts,
    deps,
    connectForwarder: connectBy(runFieldForwarder),
    connectV1: connectBy(runFieldReceiverV1),
    connectV11: connectBy(runFieldReceiverV11),
  };
};

export type FieldParts = Awaited<ReturnType<typeof createFieldParts>>;

export const READER = '10.0.0.5:10000';
export const OTHER_READER = '10.0.0.6:10000';

/** The stream of a reader, as the core names it. */
export const streamOf = (forwarderId: string, reader: string) =>
  stream(`${forwarderId}.${reader.replaceAll(/[^A-Za-z0-9._-]/g, '~')}`);

export interface Numbered {
  readonly reader?: string;
  readonly epoch?: number;
  readonly from?: number;
  readonly count?: number;
  readonly label?: string;
}

/** Events `<label> <seq>` of one epoch. */
export const eventsOf = (
  forwarderId: string,
  { reader = READER, epoch = 1, from = 1, count = 1, label = `e${epoch}` }: Numbered = {},
) =>
  Array.from({ length: count }, (_, index) => ({
    forwarder_id: forwarderId,
    reader_ip: reader,
    stream_epoch: epoch,
    seq: from + index,
    reader_timestamp: '2026-04-12T10:00:00.000',
    raw_read_line: `${label} ${from + index}`,
    read_type: 'RAW',
  }));

/** F: a forwarder of the field that has said hello. */
export const attachF = async (parts: FieldParts, forwarderId = 'f1', readers: readonly string[] = [READER]) => {
  const peer = parts.connectForwarder(grantOf('forwarder', forwarderId));
  peer.say({ kind: 'forwarder_hello', forwarder_id: forwarderId, reader_ips: readers });
  const { session_id: session } = await peer.next('heartbeat');
  let batchId = 0;
  const send = (events: readonly object[]): void =>
    peer.say({ kind: 'forwarder_event_batch', session_id: session, batch_id: `b${++batchId}`, events });
  /** Sends a batch; resolves with its ack, or with the error that came instead. */
  const push = async (what: Numbered = {}) => {
    send(eventsOf(forwarderId, what));
    await peer.until(() => peer.untaken('forwarder_ack').length > 0 || peer.closed() !== null);
    const [ack] = peer.untaken('forwarder_ack');
    return ack === undefined ? peer.messages.at(-1) : peer.next('forwarder_ack');
  };
  return { peer, session, send, push };
};

export const raceSelection = (raceId: string, scope: 'all' | 'current' = 'all') => ({
  mode: 'race',
  race_id: raceId,
  epoch_scope: scope,
});

export const manualSelection = (...refs: readonly (readonly [forwarder: string, reader: string])[]) => ({
  mode: 'manual',
  streams: refs.map(([forwarder_id, reader_ip]) => ({ forwarder_id, reader_ip })),
});

const receiverOf = (peer: FieldPeer, session: string) => ({
  peer,
  session,
  ack: (entries: readonly { reader?: string; epoch?: number; seq: number; forwarder?: string }[]): void =>
    peer.say({
      kind: 'receiver_ack',
      session_id: session,
      entries: entries.map(({ forwarder = 'f1', reader = READER, epoch = 1, seq }) => ({
        forwarder_id: forwarder,
        reader_ip: reader,
        stream_epoch: epoch,
        last_seq: seq,
      })),
    }),
  /** Numbers that came of one epoch, in the order they came. */
  seqs: (reader = READER, epoch = 1): readonly number[] =>
    peer.events.filter((it) => it.reader_ip === reader && it.stream_epoch === epoch).map((it) => it.seq),
  select: (selection: object): void => peer.say({ kind: 'receiver_set_selection', selection }),
});

/** R on v1.1, which has said hello with this selection. */
export const attachV11 = async (parts: FieldParts, selection: object, receiverId = 'r1') => {
  const peer = parts.connectV11(grantOf('receiver', receiverId));
  peer.say({ kind: 'receiver_hello_v11', receiver_id: receiverId, selection });
  const { session_id: session } = await peer.next('heartbeat');
  return receiverOf(peer, session);
};

/** R on v1, which has said hello with these positions. */
export const attachV1 = async (
  parts: FieldParts,
  resume: readonly { reader?: string; epoch?: number; seq: number }[] = [],
  receiverId = 'r1',
) => {
  const peer = parts.connectV1(grantOf('receiver', receiverId));
  peer.say({
    kind: 'receiver_hello',
    receiver_id: receiverId,
    resume: resume.map(({ reader = READER, epoch = 1, seq }) => ({
      forwarder_id: 'f1',
      reader_ip: reader,
      stream_epoch: epoch,
      last_seq: seq,
    })),
  });
  const { session_id: session } = await peer.next('heartbeat');
  const subscribe = (...readers: readonly string[]): void =>
    peer.say({
      kind: 'receiver_subscribe',
      session_id: session,
      streams: readers.map((reader_ip) => ({ forwarder_id: 'f1', reader_ip })),
    });
  return { ...receiverOf(peer, session), subscribe };
};

export const upTo = (n: number, from = 1): number[] => Array.from({ length: n - from + 1 }, (_, index) => from + index);
