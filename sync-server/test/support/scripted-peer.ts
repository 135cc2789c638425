import { type DownMessage, decodeReads, encodePush, type PushFrame, type UpMessageInput } from '@baton/schema/protocol';
import { decodeBatch } from '@baton/schema/reads';
import type { PeerSocket } from '../../src/transport/peer-socket.ts';

export interface DeliveredRead {
  readonly key: string;
  readonly seq: number;
  readonly line: string;
}

/** The far end of a `/sync` session, played by the test. */
export interface ScriptedPeer {
  readonly socket: PeerSocket;
  readonly messages: readonly DownMessage[];
  readonly reads: readonly DeliveredRead[];
  readonly closed: () => { readonly code: number; readonly reason: string } | null;
  readonly say: (message: UpMessageInput) => void;
  readonly push: (frame: PushFrame) => void;
  readonly raw: (frame: string | Uint8Array) => void;
  readonly hangUp: () => void;
  /** The first message of a type not yet taken by an earlier call; waits until it has come. */
  readonly next: <T extends DownMessage['type']>(type: T) => Promise<Extract<DownMessage, { type: T }>>;
  /** Waits until a condition holds. */
  readonly until: (condition: () => boolean) => Promise<void>;
}

const linesOf = (frame: Uint8Array): readonly DeliveredRead[] => {
  const reads = decodeReads(frame);
  if (!reads.ok) throw new Error(reads.error.message);
  const { streamId, epoch, firstSeq } = reads.value;
  const batch = decodeBatch(reads.value.batch);
  if (!batch.ok) throw new Error(batch.error.message);
  return Array.from({ length: batch.value.count }, (_, index) => ({
    key: `${streamId}/${epoch}`,
    seq: firstSeq + index,
    line: new TextDecoder().decode(batch.value.rawAt(index)),
  }));
};

export const createScriptedPeer = (): ScriptedPeer => {
  const messages: DownMessage[] = [];
  const reads: DeliveredRead[] = [];
  const waiting = new Set<() => void>();
  const taken = new Map<string, number>();
  let closed: { code: number; reason: string } | null = null;
  let onMessage: (frame: string | Uint8Array) => void = () => {};
  let onClose: (code: number) => void = () => {};

  const changed = (): void => {
    for (const check of [...waiting]) check();
  };
  const until = (condition: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const check = (): void => {
        if (!condition()) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
      check();
    });

  const socket: PeerSocket = {
    send: (frame) => {
      if (closed !== null) return;
      if (typeof frame === 'string') messages.push(JSON.parse(frame));
      else reads.push(...linesOf(frame));
      changed();
    },
    close: (code, reason) => {
      if (closed !== null) return;
      closed = { code, reason };
      onClose(code);
      changed();
    },
    bufferedAmount: () => 0,
    onMessage: (listener) => {
      onMessage = listener;
    },
    onClose: (listener) => {
      onClose = listener;
    },
    onDrain: () => {},
  };

  const nextOf = async <T extends DownMessage['type']>(type: T): Promise<Extract<DownMessage, { type: T }>> => {
    const skip = taken.get(type) ?? 0;
    taken.set(type, skip + 1);
    const find = () => messages.filter((it): it is Extract<DownMessage, { type: T }> => it.type === type)[skip];
    await until(() => find() !== undefined);
    const found = find();
    if (found === undefined) throw new Error(`no ${type}`);
    return found;
  };

  return {
    socket,
    messages,
    reads,
    closed: () => closed,
    say: (message) => onMessage(JSON.stringify(message)),
    push: (frame) => onMessage(encodePush(frame)),
    raw: (frame) => onMessage(frame),
    hangUp: () => {
      closed ??= { code: 1006, reason: '' };
      onClose(1006);
    },
    next: nextOf,
    until,
  };
};
