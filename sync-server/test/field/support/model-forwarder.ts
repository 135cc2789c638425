import { grantOf } from '../../support/relay-parts.ts';
import { eventsOf, type FieldParts } from './field-parts.ts';
import type { FieldPeer } from './field-peer.ts';

/** What one reader's journal holds of the epoch it writes. */
interface Journal {
  epoch: number;
  lines: string[];
  acked: number;
}

const fresh = (): Journal => ({ epoch: 1, lines: [], acked: 0 });

export const FORWARDER = 'f1';

/**
 * A forwarder that behaves: it journals, sends what is not acked, follows epoch commands, and moves what conflicts to the fresh
 * epoch it is commanded. It can lose its journal, as a device with a new card does.
 */
export const createModelForwarder = (parts: () => FieldParts, readers: readonly string[]) => {
  const journals = new Map(readers.map((reader) => [reader, fresh()]));
  /** Every line that was ever sent under a number; after a lost journal there may be several. */
  const written = new Map<string, Set<string>>();
  const acked = new Map<string, number>();
  const recorded: string[] = [];
  let lines = 0;
  let peer: FieldPeer | null = null;
  let session = '';

  const journalOf = (reader: string): Journal => {
    const journal = journals.get(reader);
    if (journal === undefined) throw new Error(`no reader ${reader}`);
    return journal;
  };

  const noteSent = (reader: string, journal: Journal, from: number): void => {
    for (let seq = from; seq <= journal.lines.length; seq++) {
      const key = `${reader} ${journal.epoch} ${seq}`;
      const known = written.get(key) ?? new Set<string>();
      known.add(journal.lines[seq - 1] ?? '');
      written.set(key, known);
    }
  };

  const takeAck = (entry: { reader_ip: string; stream_epoch: number; last_seq: number }): void => {
    const key = `${entry.reader_ip} ${entry.stream_epoch}`;
    if (entry.last_seq < (acked.get(key) ?? 0)) throw new Error(`[P2] an ack of ${key} went back`);
    acked.set(key, entry.last_seq);
    const journal = journalOf(entry.reader_ip);
    if (journal.epoch !== entry.stream_epoch) return;
    if (entry.last_seq > journal.lines.length) throw new Error(`[P2] acked more of ${key} than was sent`);
    journal.acked = Math.max(journal.acked, entry.last_seq);
  };

  /** Sends one reader's lines from a number on; resolves with what came. */
  const send = async (reader: string, from: number): Promise<'acked' | 'conflict' | 'cut'> => {
    const to = peer;
    const journal = journalOf(reader);
    if (to === null || to.closed() !== null) return 'cut';
    noteSent(reader, journal, from);
    const [shape] = eventsOf(FORWARDER, { reader, epoch: journal.epoch });
    const events = journal.lines
      .slice(from - 1)
      .map((line, index) => ({ ...shape, seq: from + index, raw_read_line: line }));
    to.say({ kind: 'forwarder_event_batch', session_id: session, batch_id: `${reader} ${from}`, events });
    await to.until(() => to.untaken('forwarder_ack').length > 0 || to.closed() !== null);
    if (to !== peer) return 'cut';
    if (to.untaken('forwarder_ack').length > 0) {
      for (const entry of (await to.next('forwarder_ack')).entries) takeAck(entry);
      return 'acked';
    }
    const error = to.untaken('error').at(-1);
    if (error !== undefined && error.code !== 'INTEGRITY_CONFLICT') {
      // a session that another took over is told so; anything else a forwarder that behaves never sees
      if (to.closed()?.code !== 4409) throw new Error(`unexpected ${error.code}: ${error.message}`);
    }
    return error?.code === 'INTEGRITY_CONFLICT' ? 'conflict' : 'cut';
  };

  const connect = async (): Promise<void> => {
    const next = parts().connectForwarder(grantOf('forwarder', FORWARDER));
    next.say({ kind: 'forwarder_hello', forwarder_id: FORWARDER, reader_ips: readers });
    await next.until(() => next.untaken('heartbeat').length > 0 || next.closed() !== null);
    // nothing is sent in a session before its id is known
    peer = next;
    session = next.untaken('heartbeat')[0]?.session_id ?? '';
  };

  const cut = (): void => {
    peer?.hangUp();
    peer = null;
  };

  /** Opens the commanded epoch: what was not acked goes there after a conflict, else to the old one first. */
  const follow = async (conflicting: Set<string>): Promise<void> => {
    const from = peer;
    while (from !== null && from.untaken('epoch_reset_command').length > 0) {
      const { reader_ip: reader, new_stream_epoch: epoch } = await from.next('epoch_reset_command');
      const journal = journalOf(reader);
      if (epoch <= journal.epoch) continue;
      const moves = conflicting.has(reader);
      const outcome = moves || journal.lines.length === journal.acked ? 'acked' : await send(reader, journal.acked + 1);
      if (outcome === 'conflict') conflicting.add(reader);
      if (outcome !== 'acked') return;
      journals.set(reader, { epoch, lines: moves ? journal.lines.slice(journal.acked) : [], acked: 0 });
    }
  };

  /** Brings every journalled line to the relay, as far as the connection lasts. */
  const flush = async (): Promise<void> => {
    const conflicting = new Set<string>();
    for (let round = 0; round < 10; round++) {
      if (peer === null) return;
      if (peer.closed() !== null) await connect();
      await follow(conflicting);
      const waiting = readers.find((reader) => journalOf(reader).lines.length > journalOf(reader).acked);
      if (waiting === undefined) return;
      const outcome = await send(waiting, journalOf(waiting).acked + 1);
      if (outcome === 'conflict') conflicting.add(waiting);
    }
    throw new Error('a forwarder that behaves does not come to rest');
  };

  return {
    connect,
    flush,
    record: (reader: string, count: number): void => {
      for (let n = 0; n < count; n++) {
        const line = `${reader} line ${++lines}`;
        journalOf(reader).lines.push(line);
        recorded.push(line);
      }
    },
    /** Sends again what may be acked already. */
    resend: async (reader: string): Promise<void> => {
      const { lines: held, acked: upTo } = journalOf(reader);
      if (held.length > 0) await send(reader, Math.max(1, upTo - 3));
    },
    /** The device comes back with a new card. */
    loseJournal: async (reader: string): Promise<void> => {
      const wasConnected = peer !== null;
      cut();
      // what it had not sent yet is gone with the card
      const lost = new Set(journalOf(reader).lines.slice(journalOf(reader).acked));
      for (let at = recorded.length - 1; at >= 0; at--) if (lost.has(recorded[at] ?? '')) recorded.splice(at, 1);
      journals.set(reader, fresh());
      if (wasConnected) await connect();
    },
    cut,
    isConnected: (): boolean => peer !== null,
    written,
    acked,
    /** Every line that a reader gave and no lost card took along. */
    recorded,
  };
};

export type ModelForwarder = ReturnType<typeof createModelForwarder>;
