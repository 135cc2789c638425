import { StreamId } from '@baton/schema/ids';
import type { PushFrame, PushOutcome } from '@baton/schema/protocol';
import {
  decideAppend,
  decodeBatch,
  encodeBatch,
  type PairKey,
  pairFromKey,
  pairKey,
  readFromLine,
  type VectorClock,
} from '@baton/schema/reads';
import type { SeededRandom } from '@baton/testkit';
import { isInStep, type LinkedStream, type LinkSelection, selectionAt } from '../../src/venue/link-selection.ts';
import {
  type BySide,
  type LinkEffect,
  type LinkInput,
  type LinkState,
  NO_LINK,
  otherSide,
  SIDES,
  type Side,
  stepLink,
} from '../../src/venue/link-state.ts';

type Up =
  | { readonly type: 'push'; readonly frame: PushFrame }
  | { readonly type: 'credit'; readonly reads: number }
  | { readonly type: 'select'; readonly selection: LinkSelection };

/** The log of one relay and its session with the link. Channels keep their order and lose all at a cut. */
interface ModelRelay {
  readonly log: Map<PairKey, readonly string[]>;
  positions: Map<PairKey, number>;
  selection: LinkSelection;
  credit: number;
  up: Up[];
  down: LinkInput[];
  isFull: boolean;
}

const encoder = new TextEncoder();

const linesOf = (batch: Uint8Array): readonly string[] => {
  const decoded = decodeBatch(batch);
  if (!decoded.ok) throw new Error(decoded.error.message);
  return Array.from({ length: decoded.value.count }, (_, at) => new TextDecoder().decode(decoded.value.rawAt(at)));
};

const batchOf = (lines: readonly string[]): Uint8Array =>
  encodeBatch(lines.map((line) => readFromLine(encoder.encode(line), 1_760_000_000_000)));

const bytesOf = (line: string | undefined): Uint8Array | undefined =>
  line === undefined ? undefined : encoder.encode(line);

const FULL = { code: 'STORAGE_FULL', message: 'the disk is full', retryable: true } as const;

/** By the relay's own rule. */
const append = (relay: ModelRelay, { streamId, epoch, firstSeq, pushId, batch }: PushFrame): PushOutcome => {
  if (relay.isFull) return { pushId, outcome: 'refused', error: FULL };
  const key = pairKey(streamId, epoch);
  const held = relay.log.get(key) ?? [];
  const lines = linesOf(batch);
  const raws = lines.map((line) => encoder.encode(line));
  const decision = decideAppend({ head: held.length }, { firstSeq, raws }, (seq) => bytesOf(held[seq - 1]));
  const { head } = decision;
  switch (decision.type) {
    case 'accepted':
      relay.log.set(key, [...held, ...lines.slice(decision.fromSeq - firstSeq)]);
      return { pushId, outcome: 'accepted', head };
    case 'duplicate':
      return { pushId, outcome: 'duplicate', head };
    case 'gap':
      return { pushId, outcome: 'gap', head, expected: decision.expected };
    case 'conflict':
      return { pushId, outcome: 'conflict', head, seq: decision.seq, nextEpoch: epoch + 1 };
  }
};

const NOTHING: LinkSelection = { streams: [], clock: new Map() };

const newRelay = (): ModelRelay => ({
  log: new Map(),
  positions: new Map(),
  selection: NOTHING,
  credit: 0,
  up: [],
  down: [],
  isFull: false,
});

const headsOf = (relay: ModelRelay): VectorClock => new Map([...relay.log].map(([key, lines]) => [key, lines.length]));

/** Takes the oldest frame from the link. */
const takeUp = (relay: ModelRelay, at: Side): void => {
  const next = relay.up.shift();
  if (next === undefined) return;
  if (next.type === 'push') relay.down.push({ type: 'pushed', at, outcome: append(relay, next.frame) });
  else if (next.type === 'credit') relay.credit += next.reads;
  else {
    relay.selection = next.selection;
    relay.positions = new Map(next.selection.clock);
  }
};

/** Sends some reads of a selected pair that lags, as the relay's pump does. */
const deliver = (relay: ModelRelay, from: Side, random: SeededRandom): void => {
  const selected = new Set(relay.selection.streams);
  const lagging = [...relay.log].flatMap(([key, lines]) => {
    const pair = pairFromKey(key);
    const position = relay.positions.get(key) ?? 0;
    return pair !== null && selected.has(pair.streamId) && position < lines.length
      ? [{ key, pair, position, lines }]
      : [];
  });
  if (relay.credit <= 0 || lagging.length === 0) return;
  const { key, pair, position, lines } = random.pick(lagging);
  const part = lines.slice(position, position + random.int(1, 40));
  const frame = { ...pair, firstSeq: position + 1, batch: batchOf(part), count: part.length };
  relay.positions.set(key, position + part.length);
  relay.credit -= part.length;
  relay.down.push({ type: 'arrived', from, frame });
};

/** Two relays and the link between them, moved one step of anybody at a time. */
export const createTwoRelays = (random: SeededRandom) => {
  const relays: BySide<ModelRelay> = { here: newRelay(), there: newRelay() };
  const differences: Extract<LinkEffect, { type: 'differs' }>[] = [];
  const holds = new Set<Side>();
  let writers = new Map<StreamId, Side | null>();
  let state: LinkState = NO_LINK;
  let isJoined = false;
  let mostQueued = 0;

  const streams = (): readonly LinkedStream[] => [...writers].map(([streamId, writer]) => ({ streamId, writer }));

  const perform = (effect: LinkEffect): void => {
    if (effect.type === 'push') relays[effect.to].up.push({ type: 'push', frame: effect.frame });
    if (effect.type === 'credit') relays[effect.to].up.push({ type: 'credit', reads: effect.reads });
    if (effect.type === 'select') select(effect.at);
    if (effect.type === 'hold') holds.add(effect.at);
    if (effect.type === 'differs') differences.push(effect);
  };
  const input = (it: LinkInput): void => {
    const step = stepLink(state, it);
    state = step.state;
    for (const side of SIDES) {
      mostQueued = Math.max(
        mostQueued,
        state.flows[side].queue.reduce((sum, { count }) => sum + count, 0),
      );
    }
    for (const effect of step.effects) perform(effect);
  };
  const select = (at: Side): void =>
    void relays[at].up.push({ type: 'select', selection: selectionAt(state, at, streams()) });

  const cut = (): void => {
    isJoined = false;
    holds.clear();
    for (const side of SIDES) {
      // what was sent may have arrived or not
      for (let left = random.int(0, relays[side].up.length); left > 0; left--) takeUp(relays[side], side);
      Object.assign(relays[side], { up: [], down: [], selection: NOTHING, credit: 0 });
    }
  };

  const join = (): void => {
    if (isJoined) return;
    isJoined = true;
    const heads = { here: headsOf(relays.here), there: headsOf(relays.there) };
    input({ type: 'joined', heads, windows: { here: 16, there: 4 } });
    for (const side of SIDES) select(side);
  };

  const move = (side: Side): void => {
    const relay = relays[side];
    if (random.chance(0.4)) return deliver(relay, side, random);
    if (random.chance(0.5)) return takeUp(relay, side);
    const next = relay.down.shift();
    if (next !== undefined) input(next);
  };

  const resumeHeld = (): void => {
    for (const at of [...holds]) {
      holds.delete(at);
      input({ type: 'resumed', at });
    }
  };

  return {
    relays,
    differences,
    mostQueued: () => mostQueued,
    state: () => state,
    cut,
    join,
    /** The link dies, and remembers nothing. */
    kill: () => {
      cut();
      state = NO_LINK;
    },
    /** Somebody moves: a relay takes or sends, or the link hears. */
    step: () => {
      if (isJoined) move(random.pick(SIDES));
      if (random.chance(0.02)) resumeHeld();
    },
    /** What the link is told about forwarders now and then. */
    look: (now: ReadonlyMap<StreamId, Side | null>) => {
      writers = new Map(now);
      if (!isJoined) return;
      for (const at of SIDES) {
        input({ type: 'heads', at, heads: headsOf(relays[at]) });
        select(at);
      }
    },
    /** Runs until nobody has anything to do; throws when there is no end. */
    settle: () => {
      for (const side of SIDES) relays[side].isFull = false;
      for (let round = 0; round < 200_000; round++) {
        if (round % 500 === 0) resumeHeld();
        for (const side of SIDES) move(side);
        const isQuiet = SIDES.every((side) => relays[side].up.length === 0 && relays[side].down.length === 0);
        if (isQuiet && holds.size === 0 && isInStep(state)) return;
      }
      throw new Error('the link does not come to rest');
    },
    write: (at: Side, key: PairKey, lines: readonly string[]): void => {
      relays[at].log.set(key, [...(relays[at].log.get(key) ?? []), ...lines]);
    },
    held: (at: Side, key: PairKey): readonly string[] => relays[at].log.get(key) ?? [],
    other: otherSide,
  };
};

export const MAT_A = StreamId.parse('box-a.mat');
export const MAT_B = StreamId.parse('box-b.mat');
