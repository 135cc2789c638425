import { refusal } from '@baton/schema/errors';
import type { StreamId } from '@baton/schema/ids';
import { type PairKey, pairKey } from '@baton/schema/reads';
import { exhaustive } from '@baton/schema/result';
import type { Grant } from '../auth/grant.ts';
import type { PeerSocket } from '../transport/peer-socket.ts';
import { type FieldDeps, type FieldSession, refuseIdentity, runFieldSession, type Speaker } from './field-session.ts';
import { createDelivery, type Delivery, refuseStreamCount } from './receiver-delivery.ts';
import { fieldRefusal } from './wire/error.ts';
import { type MessageSchemas, parseFrame } from './wire/frame.ts';
import { RECEIVER_UP_V1, RECEIVER_UP_V11, type ReceiverUpV1, type ReceiverUpV11 } from './wire/messages.ts';
import {
  type Spellings,
  selectionFromWire,
  selectionToWire,
  spellingsOf,
  type WireSelection,
} from './wire/selection.ts';
import { type PositionEntry, pairOfEntry, type StreamRef, streamIdOfRef } from './wire/stream-ref.ts';

/** What the two versions of the receiver's route do differently; all else is the same. */
interface Dialect<M extends { readonly kind: string }> {
  readonly schemas: MessageSchemas<M>;
  readonly helloKind: M['kind'];
  readonly take: (message: M) => Promise<void>;
  readonly delivery: Delivery;
}

const createReceiver = <M extends { readonly kind: string }>(session: FieldSession, dialect: Dialect<M>): Speaker => {
  const { schemas, helloKind, delivery } = dialect;
  let greeted = false;
  return {
    take: async (frame) => {
      const parsed = parseFrame(schemas, frame);
      if (parsed.type === 'malformed') return session.refuse(refusal('PROTOCOL_ERROR', parsed.message));
      const isHello = parsed.type === 'message' && parsed.message.kind === helloKind;
      if (!greeted && !isHello) return session.refuse(refusal('PROTOCOL_ERROR', `expected ${helloKind}`));
      if (greeted && isHello) return session.refuse(refusal('PROTOCOL_ERROR', 'expected one hello'));
      greeted = true;
      if (parsed.type === 'message') await dialect.take(parsed.message);
    },
    // epochs are commanded to forwarders
    commandEpoch: () => {},
    wake: delivery.wake,
    stop: delivery.stop,
  };
};

/** Attaches a receiver whose hello names it rightly; false when the session has ended over it. */
const attach = (
  session: FieldSession,
  hello: { readonly receiver_id: string; readonly client_version: string },
): Promise<boolean> => {
  const foreign = refuseIdentity(session.device, hello.receiver_id);
  if (foreign === null) return session.attach({ clientVersion: hello.client_version, label: null });
  session.refuse(foreign);
  return Promise.resolve(false);
};

const isOwnSession = (session: FieldSession, sessionId: string): boolean => {
  if (sessionId === session.sessionId) return true;
  session.refuse(fieldRefusal('SESSION_EXPIRED', `the session is ${session.sessionId}; connect again`));
  return false;
};

const takeAck = async (
  session: FieldSession,
  delivery: Delivery,
  ack: { readonly session_id: string; readonly entries: readonly PositionEntry[] },
): Promise<void> => {
  if (isOwnSession(session, ack.session_id) && !session.refuseWrite()) await delivery.ack(ack.entries);
};

/** v1: streams are added one by one and never taken away; positions may come with the hello. */
const createV1 = (session: FieldSession): Speaker => {
  const streams = new Set<StreamId>();
  const resume = new Map<PairKey, number>();
  const delivery = createDelivery({
    session,
    resume: () => resume,
    // v1 has no word for it: the operator sees warnings on the pages, the log has them here
    onApplied: ({ warnings }) => {
      const { nodeId } = session.device;
      for (const { type, message } of warnings) session.deps.core.journal.warn(message, { nodeId, type });
    },
  });

  const subscribe = async (refs: readonly StreamRef[]): Promise<void> => {
    for (const ref of refs) streams.add(streamIdOfRef(ref));
    const refused =
      refuseStreamCount(streams.size) ?? (await delivery.extend({ mode: 'manual', streams: [...streams] }));
    if (refused !== null) session.refuse(refused);
  };

  const take = async (message: ReceiverUpV1): Promise<void> => {
    switch (message.kind) {
      case 'receiver_hello': {
        if (!(await attach(session, message))) return;
        for (const entry of message.resume) {
          const { streamId, epoch } = pairOfEntry(entry);
          resume.set(pairKey(streamId, epoch), entry.last_seq);
        }
        await subscribe(message.resume);
        // what it says it holds is as good as an ack, and outlives this session
        if (message.resume.length > 0 && !session.refuseWrite()) await delivery.ack(message.resume);
        return;
      }
      case 'receiver_subscribe':
        if (!isOwnSession(session, message.session_id)) return;
        // the first streams are how it reads at all; more of them are a write
        if (streams.size > 0 && session.refuseWrite()) return;
        return subscribe(message.streams);
      case 'receiver_ack':
        return takeAck(session, delivery, message);
      case 'heartbeat':
        return;
      default:
        return exhaustive(message);
    }
  };
  return createReceiver(session, { schemas: RECEIVER_UP_V1, helloKind: 'receiver_hello', take, delivery });
};

/** v1.1: one selection, replaced as a whole and told back; positions are the relay's. */
const createV11 = (session: FieldSession): Speaker => {
  let spellings: Spellings = new Map();
  const delivery = createDelivery({
    session,
    resume: () => new Map(),
    onApplied: ({ selection, targets, warnings }) =>
      session.send({
        kind: 'receiver_selection_applied',
        selection: selectionToWire(selection, spellings),
        resolved_target_count: targets.length,
        warnings: warnings.map((it) => it.message),
      }),
  });

  const select = async (wire: WireSelection): Promise<void> => {
    if (wire.mode === 'manual') spellings = spellingsOf(wire.streams);
    const selection = selectionFromWire(wire);
    const refused =
      selection === null
        ? refusal('UNKNOWN_RACE', 'the race’s id is none; the former selection goes on')
        : await delivery.select(selection);
    if (refused !== null) session.refuse(refused);
  };

  const take = async (message: ReceiverUpV11): Promise<void> => {
    switch (message.kind) {
      case 'receiver_hello_v11':
        if (await attach(session, message)) await select(message.selection);
        return;
      case 'receiver_set_selection':
        if (!session.refuseWrite()) await select(message.selection);
        return;
      case 'receiver_ack':
        return takeAck(session, delivery, message);
      case 'heartbeat':
        return;
      default:
        return exhaustive(message);
    }
  };
  return createReceiver(session, { schemas: RECEIVER_UP_V11, helloKind: 'receiver_hello_v11', take, delivery });
};

/** Runs one connection of `/ws/v1/receivers`. */
export const runFieldReceiverV1 = (deps: FieldDeps, socket: PeerSocket, grant: Grant): void =>
  runFieldSession(deps, socket, grant, 'receiver', createV1);

/** Runs one connection of `/ws/v1.1/receivers`. */
export const runFieldReceiverV11 = (deps: FieldDeps, socket: PeerSocket, grant: Grant): void =>
  runFieldSession(deps, socket, grant, 'receiver', createV11);
