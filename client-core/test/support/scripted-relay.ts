import type { ErrorEnvelope } from '@baton/schema/errors';
import { decodePush, type PushOutcome, type UpMessage, UpMessageSchema } from '@baton/schema/protocol';
import { decideAppend, decodeBatch, readsOfBatch } from '@baton/schema/reads';
import { createSocketNetwork, type FarEnd, type SocketNetwork, type SocketPair } from '@baton/testkit';

type EpochOpened = Extract<UpMessage, { type: 'epochOpened' }>;
type Heartbeat = Extract<UpMessage, { type: 'heartbeat' }>;

interface ModelStream {
  current: number;
  commanded: number | null;
  readonly epochs: Map<number, Uint8Array[]>;
}

/**
 * A relay in memory: the append rule of schema, epochs, commands repeated until confirmed. It accepts a
 * connection at once; frames move when the test flushes the network.
 */
export interface ScriptedRelay {
  readonly network: SocketNetwork;
  /** Stored lines of a stream by epoch, as text. */
  readonly stored: (stream: string) => ReadonlyMap<number, readonly string[]>;
  readonly currentEpoch: (stream: string) => number;
  /** Opens the stream's next epoch and commands its forwarder, as activate-next does. */
  readonly commandNext: (stream: string) => number;
  /** Sends the newest command again, as after a hello. */
  readonly repeatCommand: (stream: string) => void;
  /** Puts lines there that nobody sent. */
  readonly plant: (stream: string, epoch: number, lines: readonly string[]) => void;
  /** Forgets the lines after the first `count` of an epoch, as a relay restored from a backup. */
  readonly forget: (stream: string, epoch: number, count: number) => void;
  /** A new disk: nothing is known any more. */
  readonly loseDisk: () => void;
  /** While set, every push is answered so. */
  readonly refuseWith: (error: ErrorEnvelope | null) => void;
  /** While false, connections get no answer. */
  readonly setReachable: (reachable: boolean) => void;
  readonly fenceNextPush: () => void;
  readonly setReadOnly: (readOnly: boolean) => void;
  readonly cut: () => void;
  readonly hellos: readonly Extract<UpMessage, { type: 'hello' }>[];
  readonly opened: readonly EpochOpened[];
  readonly heartbeats: readonly Heartbeat[];
  /** Outcomes told so far, by kind. */
  readonly outcomes: ReadonlyMap<string, number>;
  /** Pushes unanswered at the same time, at most. */
  readonly deepestWindow: () => number;
}

const WINDOW = 4;

export const createScriptedRelay = (): ScriptedRelay => {
  const streams = new Map<string, ModelStream>();
  const hellos: Extract<UpMessage, { type: 'hello' }>[] = [];
  const opened: EpochOpened[] = [];
  const heartbeats: Heartbeat[] = [];
  const outcomes = new Map<string, number>();
  let refusal: ErrorEnvelope | null = null;
  let reachable = true;
  let fence = false;
  let readOnly = false;
  let deepest = 0;

  const streamOf = (id: string): ModelStream => {
    const known = streams.get(id);
    if (known !== undefined) return known;
    const fresh: ModelStream = { current: 1, commanded: null, epochs: new Map() };
    streams.set(id, fresh);
    return fresh;
  };

  const linesOf = (stream: ModelStream, epoch: number): Uint8Array[] => {
    const known = stream.epochs.get(epoch) ?? [];
    stream.epochs.set(epoch, known);
    return known;
  };

  const topOf = (stream: ModelStream): number =>
    Math.max(stream.current, stream.commanded ?? 0, ...stream.epochs.keys());

  const confirm = (stream: ModelStream, epoch: number): void => {
    if (stream.commanded !== null && epoch >= stream.commanded) stream.commanded = null;
    stream.current = Math.max(stream.current, epoch);
  };

  const append = (bytes: Uint8Array): PushOutcome => {
    const push = decodePush(bytes);
    if (!push.ok) throw new Error(push.error.message);
    const { pushId, streamId, epoch, firstSeq } = push.value;
    if (fence) return { pushId, outcome: 'fenced' };
    if (refusal !== null) return { pushId, outcome: 'refused', error: refusal };
    const batch = decodeBatch(push.value.batch);
    if (!batch.ok) throw new Error(batch.error.message);
    const raws = readsOfBatch(batch.value, firstSeq).map(({ raw }) => raw);
    const stream = streamOf(streamId);
    const lines = linesOf(stream, epoch);
    const decision = decideAppend({ head: lines.length }, { firstSeq, raws }, (seq) => lines[seq - 1]);
    const { type, head } = decision;
    if (type === 'gap') return { pushId, outcome: type, head, expected: decision.expected };
    if (type === 'conflict') return { pushId, outcome: type, head, seq: decision.seq, nextEpoch: topOf(stream) + 1 };
    if (type === 'accepted') lines.push(...raws.slice(decision.fromSeq - firstSeq));
    confirm(stream, epoch);
    return { pushId, outcome: type, head };
  };

  const welcome = (hello: Extract<UpMessage, { type: 'hello' }>) => {
    const ids = hello.readers.map((reader) => ({ reader, id: `${hello.nodeId}.${reader}` }));
    const heads: Record<string, Record<string, number>> = {};
    for (const { id } of ids) {
      const epochs = [...streamOf(id).epochs].filter(([, lines]) => lines.length > 0);
      heads[id] = Object.fromEntries(epochs.map(([epoch, lines]) => [String(epoch), lines.length]));
    }
    return {
      type: 'welcome',
      protocol: 1,
      sessionId: `s${hellos.length}`,
      attachmentId: 'a1',
      state: 'online',
      readOnly,
      serverTime: 0,
      timers: { heartbeatMs: 15_000, degradedMs: 30_000, offlineMs: 60_000 },
      limits: { maxFrameBytes: 1_000_000, maxBatchReads: 7, maxPushesInFlight: WINDOW },
      streams: ids.map(({ reader, id }) => {
        const { current, epochs } = streamOf(id);
        return { streamId: id, reader, epoch: current, head: epochs.get(current)?.length ?? 0 };
      }),
      heads,
    };
  };

  const command = (pair: SocketPair, id: string, epoch: number | null): void => {
    if (epoch !== null) pair.send({ type: 'epochCommand', streamId: id, epoch });
  };

  const hear = (pair: SocketPair, text: string): void => {
    const message = UpMessageSchema.parse(JSON.parse(text));
    if (message.type === 'hello') {
      hellos.push(message);
      pair.send(welcome(message));
      for (const [id, { commanded }] of streams) command(pair, id, commanded);
    } else if (message.type === 'epochOpened') {
      opened.push(message);
      confirm(streamOf(message.streamId), message.epoch);
    } else if (message.type === 'heartbeat') {
      heartbeats.push(message);
      pair.send({ type: 'heartbeat', serverTime: 0 });
    }
  };

  const take = (pair: SocketPair, bytes: Uint8Array): void => {
    deepest = Math.max(deepest, pair.waiting('up') + 1);
    const outcome = append(bytes);
    outcomes.set(outcome.outcome, (outcomes.get(outcome.outcome) ?? 0) + 1);
    pair.send({ type: 'pushed', entries: [outcome] });
    if (outcome.outcome === 'fenced') pair.close(4409, 'a newer session took over');
  };

  const answer = (pair: SocketPair): FarEnd => {
    if (reachable) pair.accept();
    return { onFrame: (frame) => (typeof frame === 'string' ? hear(pair, frame) : take(pair, frame)) };
  };

  const network = createSocketNetwork(answer);
  const live = (): readonly SocketPair[] => network.pairs.filter((pair) => pair.isOpen());

  return {
    network,
    stored: (stream) =>
      new Map(
        [...(streams.get(stream)?.epochs ?? [])]
          .filter(([, lines]) => lines.length > 0)
          .sort(([a], [b]) => a - b)
          .map(([epoch, lines]) => [epoch, lines.map((line) => Buffer.from(line).toString('latin1'))]),
      ),
    currentEpoch: (stream) => streamOf(stream).current,
    commandNext: (id) => {
      const stream = streamOf(id);
      const epoch = topOf(stream) + 1;
      stream.current = epoch;
      stream.commanded = epoch;
      for (const pair of live()) command(pair, id, epoch);
      return epoch;
    },
    repeatCommand: (id) => {
      for (const pair of live()) command(pair, id, streamOf(id).current);
    },
    plant: (id, epoch, lines) => {
      linesOf(streamOf(id), epoch).push(...lines.map((line) => new Uint8Array(Buffer.from(line, 'latin1'))));
    },
    forget: (id, epoch, count) => {
      linesOf(streamOf(id), epoch).splice(count);
    },
    loseDisk: () => streams.clear(),
    refuseWith: (error) => {
      refusal = error;
    },
    setReachable: (next) => {
      reachable = next;
    },
    fenceNextPush: () => {
      fence = true;
    },
    setReadOnly: (next) => {
      readOnly = next;
    },
    cut: () => {
      for (const pair of live()) pair.cut();
    },
    hellos,
    opened,
    heartbeats,
    outcomes,
    deepestWindow: () => deepest,
  };
};
