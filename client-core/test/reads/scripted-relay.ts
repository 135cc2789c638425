import { StreamId } from '@baton/schema/ids';
import { encodeReads, type UpMessageInput } from '@baton/schema/protocol';
import { clockFromJson, encodeBatch, type Pair, type PairKey, pairKey } from '@baton/schema/reads';
import { NOTHING_SELECTED, Selection } from '@baton/schema/selection';
import type { FarEnd, SocketPair } from '@baton/testkit';
import { madeRead } from '../replica/made-reads.ts';

type Up<T extends UpMessageInput['type']> = Extract<UpMessageInput, { type: T }>;

/** One session as a relay sees it. */
interface Session {
  readonly pair: SocketPair;
  credit: number;
  selection: Selection | null;
  positions: Map<PairKey, number>;
  announce: boolean;
}

/** A relay of a few lines: one log of made reads per pair, delivered by clock and credit. */
export interface ScriptedRelay {
  readonly onConnect: (pair: SocketPair) => FarEnd;
  /** Reads 1 … `head` of a pair exist. */
  readonly grow: (pair: Pair, head: number) => void;
  /** No read is added to a pair any more; its lines have this hash. */
  readonly seal: (pair: Pair, hash: string) => void;
  readonly knowRaces: (raceIds: readonly string[]) => void;
  readonly acks: ReadonlyMap<PairKey, number>;
  readonly selects: readonly Up<'select'>[];
  /** Reads sent in the newest session. */
  readonly sent: () => number;
}

const BATCH = 100;

export const createScriptedRelay = (): ScriptedRelay => {
  const heads = new Map<PairKey, Pair & { head: number; sealed: boolean; hash: string | null }>();
  const acks = new Map<PairKey, number>();
  const selects: Up<'select'>[] = [];
  let races: readonly string[] = [];
  let newest: Session | null = null;
  let sent = 0;

  const targetsOf = ({ selection }: Session) =>
    [...heads.values()].filter(
      (it) => selection?.mode === 'race' || (selection?.streams.includes(it.streamId) ?? false),
    );

  const tellApplied = (session: Session): void =>
    session.pair.send({
      type: 'applied',
      selection: session.selection ?? NOTHING_SELECTED,
      targets: targetsOf(session),
      warnings: [],
    });

  const sendBatch = (session: Session, key: PairKey, pair: Pair & { head: number }, position: number): void => {
    const count = Math.min(BATCH, pair.head - position);
    const reads = Array.from({ length: count }, (_, i) => madeRead(pair.streamId, pair.epoch, position + 1 + i));
    session.pair.send(encodeReads({ ...pair, firstSeq: position + 1, batch: encodeBatch(reads) }));
    session.positions.set(key, position + count);
    session.credit -= count;
    sent += count;
  };

  const pump = (session: Session): void => {
    for (const pair of targetsOf(session)) {
      const key = pairKey(pair.streamId, pair.epoch);
      for (;;) {
        const position = session.positions.get(key) ?? 0;
        if (position >= pair.head) break;
        if (session.credit <= 0) return;
        sendBatch(session, key, pair, position);
      }
    }
    if (!session.announce) return;
    session.announce = false;
    session.pair.send({ type: 'caughtUp', clock: {} });
  };

  const select = (session: Session, message: Up<'select'>): void => {
    selects.push(message);
    const { selection } = message;
    if (selection.mode === 'race' && !races.includes(selection.raceId)) {
      session.pair.send({ type: 'error', error: { code: 'UNKNOWN_RACE', message: 'no such race' } });
      return;
    }
    session.selection = Selection.parse(selection);
    session.positions = new Map(clockFromJson(message.clock ?? {}));
    session.announce = true;
    tellApplied(session);
  };

  const receive = (session: Session, message: UpMessageInput): void => {
    if (message.type === 'hello') session.pair.send(welcome());
    else if (message.type === 'select') select(session, message);
    else if (message.type === 'credit') session.credit += message.reads;
    else if (message.type === 'ack') {
      for (const { streamId, epoch, seq } of message.entries) acks.set(pairKey(StreamId.parse(streamId), epoch), seq);
    }
    pump(session);
  };

  return {
    onConnect: (pair) => {
      const session: Session = { pair, credit: 0, selection: null, positions: new Map(), announce: false };
      newest = session;
      sent = 0;
      pair.accept();
      return { onFrame: (frame) => receive(session, JSON.parse(String(frame))) };
    },
    grow: (pair, head) => {
      const key = pairKey(pair.streamId, pair.epoch);
      const fresh = !heads.has(key);
      heads.set(key, { ...pair, head, sealed: false, hash: null });
      if (newest?.selection == null) return;
      if (fresh) {
        newest.announce = true;
        tellApplied(newest);
      }
      pump(newest);
    },
    seal: (pair, hash) => {
      const key = pairKey(pair.streamId, pair.epoch);
      heads.set(key, { ...pair, head: heads.get(key)?.head ?? 0, sealed: true, hash });
      if (newest?.selection != null) tellApplied(newest);
    },
    knowRaces: (raceIds) => {
      races = raceIds;
    },
    acks,
    selects,
    sent: () => sent,
  };
};

const welcome = () => ({
  type: 'welcome',
  protocol: 1,
  sessionId: 's1',
  attachmentId: 'a1',
  state: 'online',
  readOnly: false,
  serverTime: 0,
  timers: { heartbeatMs: 15_000, degradedMs: 30_000, offlineMs: 60_000 },
  limits: { maxFrameBytes: 1_000_000, maxBatchReads: 1024, maxPushesInFlight: 16 },
  streams: [],
  heads: {},
});
