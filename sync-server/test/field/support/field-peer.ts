import { FieldDown } from '../../../src/field/wire/messages.ts';
import type { ReadEvent } from '../../../src/field/wire/read-event.ts';
import type { PeerSocket } from '../../../src/transport/peer-socket.ts';

type Down<K extends FieldDown['kind']> = Extract<FieldDown, { readonly kind: K }>;

/** The far end of a session of a system in the field, played by the test. */
export interface FieldPeer {
  readonly socket: PeerSocket;
  /** Every message that came, parsed by its schema. */
  readonly messages: readonly FieldDown[];
  readonly events: readonly ReadEvent[];
  readonly closed: () => { readonly code: number; readonly reason: string } | null;
  readonly say: (message: object) => void;
  readonly raw: (frame: string | Uint8Array) => void;
  readonly hangUp: () => void;
  /** The first message of a kind not yet taken by an earlier call; waits until it has come. */
  readonly next: <K extends FieldDown['kind']>(kind: K) => Promise<Down<K>>;
  /** Messages of a kind that came and were not taken. */
  readonly untaken: <K extends FieldDown['kind']>(kind: K) => readonly Down<K>[];
  readonly until: (condition: () => boolean) => Promise<void>;
  /** Takes no more than this many events before its socket is full. */
  readonly takeUpTo: (events: number) => void;
  readonly isPaused: () => boolean;
}

interface Inbox {
  readonly messages: FieldDown[];
  readonly events: ReadEvent[];
  readonly waiting: Set<() => void>;
  limit: number;
}

const receive = (inbox: Inbox, frame: string | Uint8Array): void => {
  if (typeof frame !== 'string') throw new Error('a system in the field gets text frames only');
  const message = FieldDown.parse(JSON.parse(frame));
  inbox.messages.push(message);
  if (message.kind === 'receiver_event_batch') inbox.events.push(...message.events);
};

const awaitIn = (waiting: Set<() => void>, condition: () => boolean): Promise<void> =>
  new Promise((resolve) => {
    const check = (): void => {
      if (!condition()) return;
      waiting.delete(check);
      resolve();
    };
    waiting.add(check);
    check();
  });

export const createFieldPeer = (): FieldPeer => {
  const inbox: Inbox = { messages: [], events: [], waiting: new Set(), limit: Number.POSITIVE_INFINITY };
  const taken = new Map<string, number>();
  let closed: { code: number; reason: string } | null = null;
  let paused = false;
  let onMessage: (frame: string | Uint8Array) => void = () => {};
  let onClose: (code: number) => void = () => {};
  let onDrain: () => void = () => {};

  const changed = (): void => {
    for (const check of [...inbox.waiting]) check();
  };
  const until = (condition: () => boolean): Promise<void> => awaitIn(inbox.waiting, condition);
  const ofKind = <K extends FieldDown['kind']>(kind: K): readonly Down<K>[] =>
    inbox.messages.filter((it): it is Down<K> => it.kind === kind);

  const socket: PeerSocket = {
    send: (frame) => {
      if (closed !== null) return;
      receive(inbox, frame);
      changed();
    },
    close: (code, reason) => {
      if (closed !== null) return;
      closed = { code, reason };
      onClose(code);
      changed();
    },
    bufferedAmount: () => (inbox.events.length >= inbox.limit ? 9e9 : 0),
    onMessage: (listener) => {
      onMessage = listener;
    },
    onClose: (listener) => {
      onClose = listener;
    },
    onDrain: (listener) => {
      onDrain = listener;
    },
    pause: () => {
      paused = true;
      changed();
    },
    resume: () => {
      paused = false;
      changed();
    },
  };

  return {
    socket,
    messages: inbox.messages,
    events: inbox.events,
    closed: () => closed,
    say: (message) => onMessage(JSON.stringify(message)),
    raw: (frame) => onMessage(frame),
    hangUp: () => {
      closed ??= { code: 1006, reason: '' };
      onClose(1006);
      changed();
    },
    next: async (kind) => {
      const skip = taken.get(kind) ?? 0;
      taken.set(kind, skip + 1);
      await until(() => ofKind(kind)[skip] !== undefined);
      const found = ofKind(kind)[skip];
      if (found === undefined) throw new Error(`no ${kind}`);
      return found;
    },
    untaken: (kind) => ofKind(kind).slice(taken.get(kind) ?? 0),
    until,
    takeUpTo: (events) => {
      inbox.limit = events;
      onDrain();
    },
    isPaused: () => paused,
  };
};
