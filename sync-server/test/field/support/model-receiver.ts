import type { ReadEvent } from '../../../src/field/wire/read-event.ts';
import { grantOf } from '../../support/relay-parts.ts';
import type { FieldParts } from './field-parts.ts';
import type { FieldPeer } from './field-peer.ts';
import { FORWARDER } from './model-forwarder.ts';

export const keyOf = (it: Pick<ReadEvent, 'reader_ip' | 'stream_epoch'>): string =>
  `${it.reader_ip} ${it.stream_epoch}`;

/**
 * A v1.1 receiver that checks what it is sent (P3): each epoch goes on by one, or, where a start is allowed, begins after what
 * it has acked.
 */
export const createModelReceiver = (parts: () => FieldParts, id: string) => {
  const cursors = new Map<string, number>();
  /** Acks that were sent and may have been lost on the way. */
  const sent = new Map<string, number>();
  /** Where each epoch stands since it last began. */
  const last = new Map<string, number>();
  let mayBegin = false;
  let maybeLost = false;
  let peer: FieldPeer | null = null;
  let session = '';
  let looked = 0;
  let selection: object = { mode: 'manual', streams: [] };

  const check = (event: ReadEvent): void => {
    const key = keyOf(event);
    const before = last.get(key);
    const held = cursors.get(key) ?? 0;
    const begins = event.seq > held && event.seq <= Math.max(held, sent.get(key) ?? 0) + 1;
    const goesOn = before !== undefined && event.seq === before + 1;
    if (!goesOn && !(begins && (before === undefined || mayBegin))) {
      throw new Error(`[P3] ${id} got ${key} seq ${event.seq} after ${before}, acked ${cursors.get(key)}`);
    }
    last.set(key, event.seq);
  };

  return {
    id,
    last,
    cursors,
    selection: () => selection,
    connect: async (): Promise<void> => {
      let next: FieldPeer;
      let greeted: object;
      do {
        next = parts().connectV11(grantOf('receiver', id));
        greeted = selection;
        next.say({ kind: 'receiver_hello_v11', receiver_id: id, selection });
        await next.until(() => next.untaken('heartbeat').length > 0 || next.closed() !== null);
        // a relay that stops while it attaches the device gives no heartbeat: the device comes back
      } while (next.untaken('heartbeat').length === 0);
      session = (await next.next('heartbeat')).session_id;
      peer = next;
      looked = 0;
      last.clear();
      if (selection !== greeted) next.say({ kind: 'receiver_set_selection', selection });
    },
    select: (wanted: object): void => {
      selection = wanted;
      peer?.say({ kind: 'receiver_set_selection', selection });
    },
    /** Acks some of what came of each epoch. */
    ack: (share: number): void => {
      if (peer === null) return;
      const entries = [...last].map(([key, seq]) => {
        const upTo = Math.floor(seq * share); // may be below an earlier one, and then changes nothing
        sent.set(key, Math.max(cursors.get(key) ?? 0, sent.get(key) ?? 0, upTo));
        const [reader_ip, epoch] = [key.slice(0, key.lastIndexOf(' ')), Number(key.slice(key.lastIndexOf(' ') + 1))];
        return { forwarder_id: FORWARDER, reader_ip, stream_epoch: epoch, last_seq: upTo };
      });
      peer.say({ kind: 'receiver_ack', session_id: session, entries });
    },
    cut: (): void => {
      maybeLost = sent.size > 0;
      peer?.hangUp();
      peer = null;
    },
    isConnected: (): boolean => peer !== null,
    /** Events since the last look, each checked; `isLoose`: several things happened at once, so any may have come first. */
    look: (isLoose: boolean): readonly ReadEvent[] => {
      mayBegin = isLoose;
      const events = peer?.events.slice(looked) ?? [];
      looked += events.length;
      for (const event of events) check(event);
      return events;
    },
    /** The relay's cursors: each as it was, or as this receiver's ack raised it; never anything else. */
    settleCursors: (stored: ReadonlyMap<string, number>, isLoose: boolean): void => {
      for (const [key, upTo] of sent) {
        const now = stored.get(key) ?? 0;
        const isPossible = now === upTo || ((isLoose || maybeLost) && now >= (cursors.get(key) ?? 0) && now < upTo);
        if (!isPossible) throw new Error(`[RT-11] cursor of ${key} is ${now}, not ${upTo}`);
        cursors.set(key, now);
      }
      sent.clear();
      maybeLost = false;
    },
    errors: () => peer?.messages.filter((it) => it.kind === 'error') ?? [],
  };
};

export type ModelReceiver = ReturnType<typeof createModelReceiver>;
