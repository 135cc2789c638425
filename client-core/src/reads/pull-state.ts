import type { RaceId } from '@baton/schema/ids';
import type { AppliedMessage, Target } from '@baton/schema/protocol';
import { type ClockJson, clockFromJson, type Pair, type PairKey, pairKey, type VectorClock } from '@baton/schema/reads';
import { type Selection, type SelectionWarning, sameSelection } from '@baton/schema/selection';
import type { PairProgress } from '../replica/replica.ts';
import { stepFrame } from './frame-step.ts';

/**
 * A receiver's session: what it asked for, what it holds, what the relay may still send.
 *
 * ```text
 *            dialing              welcomed               applied                caughtUp, all of it stored
 *   offline ────────▶ connecting ─────────▶ selecting ──────────▶ catchingUp ──────────────────▶ live
 *      ▲                                        ▲                     ▲                           │ │
 *      │ ended (from anywhere)                  │ selected            └── applied, a new target ──┘ │
 *      └────────────────────────                └───────────────────── (from all that are joined) ──┘
 * ```
 * `held` is committed; `received` also counts what was handed to the replica and is not committed yet. Frames
 * must follow `received` without a gap. An ack and new credit follow a commit, never a frame: so nothing is
 * acked that a kill could take back, and a receiver that does not keep up costs a bounded amount of memory.
 */
export interface PullState {
  readonly phase: PullPhase;
  /** Phase of the selection that goes on if the one just asked for is refused; null: this session has none yet. */
  readonly former: 'catchingUp' | 'live' | null;
  /** Why the last session ended; null while there is one. */
  readonly reason: string | null;
  /** The relay refuses this node for good: nobody tries again by itself. */
  readonly stopped: boolean;
  readonly selection: Selection;
  /** The relay refused this selection: it knows no such race. It is asked again now and then. */
  readonly refused: RaceId | null;
  /** Why the replica stores nothing at the moment; null: it does. */
  readonly noSpace: string | null;
  /** Last told; kept while offline. */
  readonly targets: ReadonlyMap<PairKey, Target>;
  readonly warnings: readonly SelectionWarning[];
  /** Sealed epochs that were compared with the relay's hash. */
  readonly verdicts: ReadonlyMap<PairKey, Verdict>;
  readonly held: VectorClock;
  readonly received: VectorClock;
  /** Reads handed to the replica and not yet committed. */
  readonly inFlight: number;
  /** Of those, how many must be committed until what `caughtUp` told is held; null: it was not told. */
  readonly untilLive: number | null;
  /** Reads that the relay may send, as far as we know. */
  readonly credit: number;
  /** Reads dealt with whose credit was not given back yet. */
  readonly owed: number;
}

export interface Verdict {
  readonly match: boolean;
  /** It was dropped to be pulled again, and has not matched since: not done a second time by itself. */
  readonly repaired: boolean;
}

export type PullPhase = 'offline' | 'connecting' | 'selecting' | 'catchingUp' | 'live';

export type PullInput =
  | { readonly type: 'dialing' }
  /** `clock`: all that the replica holds, nothing being under way. */
  | { readonly type: 'welcomed'; readonly clock: VectorClock }
  | { readonly type: 'selected'; readonly selection: Selection }
  | { readonly type: 'applied'; readonly applied: AppliedMessage }
  | { readonly type: 'unknownRace' }
  /** Time to ask for a refused selection again. */
  | { readonly type: 'askAgain' }
  | { readonly type: 'frame'; readonly pair: Pair; readonly firstSeq: number; readonly count: number }
  | { readonly type: 'caughtUp' }
  | { readonly type: 'heads'; readonly heads: ClockJson }
  /** The replica committed frames of `reads` reads (overlaps counted); these pairs rose. */
  | { readonly type: 'committed'; readonly raised: VectorClock; readonly reads: number }
  /** The replica has no space for what it was handed; it is handed again. */
  | { readonly type: 'noSpace'; readonly reason: string }
  /** The replica refused or lost what it was handed: its clock is to be asked anew. */
  | { readonly type: 'notStored'; readonly reason: string }
  /** What the replica says of the epochs that it has compared. */
  | { readonly type: 'compared'; readonly progress: readonly PairProgress[] }
  /** The replica holds nothing of this epoch any more: it is to be pulled again. */
  | { readonly type: 'dropped'; readonly pair: Pair }
  /** A frame's reads do not decode. */
  | { readonly type: 'malformed'; readonly reason: string }
  | { readonly type: 'ended'; readonly reason: string; readonly stopped?: boolean };

export type PullEffect =
  | { readonly type: 'sendSelect'; readonly selection: Selection; readonly clock: VectorClock }
  | { readonly type: 'sendCredit'; readonly reads: number }
  | { readonly type: 'sendAck'; readonly raised: VectorClock }
  /** Hand the frame to the replica. */
  | { readonly type: 'store'; readonly reads: number }
  /** The targets are new: remember them. */
  | { readonly type: 'keepTargets'; readonly targets: readonly Target[] }
  /** Drop what is held of this epoch, for it is not what the relay sealed. */
  | { readonly type: 'repair'; readonly pair: Pair }
  /** The session does its work: the back-off may start from its beginning. */
  | { readonly type: 'settle' }
  /** The relay broke the protocol: end the session, try again. */
  | { readonly type: 'restart'; readonly reason: string };

export interface PullStep {
  readonly state: PullState;
  readonly effects: readonly PullEffect[];
}

export interface PullOptions {
  /** Reads that may be outstanding. */
  readonly window: number;
}

export const beginPull = (selection: Selection, held: VectorClock, targets: readonly Target[]): PullState => ({
  phase: 'offline',
  former: null,
  reason: null,
  stopped: false,
  selection,
  refused: null,
  noSpace: null,
  targets: byKey(targets),
  warnings: [],
  verdicts: new Map(),
  held,
  received: held,
  inFlight: 0,
  untilLive: null,
  credit: 0,
  owed: 0,
});

const keyOf = (pair: Pair): PairKey => pairKey(pair.streamId, pair.epoch);

const byKey = (targets: readonly Target[]): ReadonlyMap<PairKey, Target> =>
  new Map(targets.map((target) => [keyOf(target), target]));

const isJoined = ({ phase }: PullState): boolean => phase !== 'offline' && phase !== 'connecting';

const stay = (state: PullState): PullStep => ({ state, effects: [] });

const askFor = (state: PullState): PullEffect => ({
  type: 'sendSelect',
  selection: state.selection,
  clock: state.received,
});

const welcomed = (state: PullState, held: VectorClock, { window }: PullOptions): PullStep => {
  const joined: PullState = {
    ...state,
    phase: 'selecting',
    former: null,
    reason: null,
    refused: null,
    held,
    received: held,
    inFlight: 0,
    untilLive: null,
    credit: window,
    owed: 0,
  };
  return { state: joined, effects: [askFor(joined), { type: 'sendCredit', reads: window }] };
};

const selected = (state: PullState, selection: Selection): PullStep => {
  const changed: PullState = { ...state, selection, refused: null };
  if (!isJoined(state)) return stay(changed);
  const former = state.phase === 'catchingUp' || state.phase === 'live' ? state.phase : state.former;
  const asking: PullState = { ...changed, phase: 'selecting', former };
  return { state: asking, effects: [askFor(asking)] };
};

/** Whether a target came that still has history to tell. */
const hasNewHistory = (state: PullState, targets: readonly Target[]): boolean =>
  targets.some((it) => !state.targets.has(keyOf(it)) && it.head > (state.received.get(keyOf(it)) ?? 0));

const applied = (state: PullState, message: AppliedMessage): PullStep => {
  if (!isJoined(state)) return stay(state);
  // targets of the former selection may still be told while the answer to a new one is on its way
  const answered = sameSelection(message.selection, state.selection);
  const asked = state.phase === 'selecting' || state.refused !== null;
  const again = asked ? answered : hasNewHistory(state, message.targets);
  return {
    state: {
      ...state,
      targets: byKey(message.targets),
      warnings: message.warnings,
      ...(answered ? { refused: null } : {}),
      ...(again ? { phase: 'catchingUp', untilLive: null } : {}),
    },
    effects: [{ type: 'keepTargets', targets: message.targets }],
  };
};

/** The former selection goes on; with none before, there is nothing to catch up with. */
const unknownRace = (state: PullState): PullStep => {
  const { phase, former, selection } = state;
  if (phase !== 'selecting' || selection.mode !== 'race') return stay(state);
  const refused: PullState = { ...state, refused: selection.raceId };
  return stay(former === null ? { ...refused, phase: 'live', targets: new Map() } : { ...refused, phase: former });
};

const askAgain = (state: PullState): PullStep =>
  state.refused !== null && isJoined(state) ? { state, effects: [askFor(state)] } : stay(state);

/** Gives credit back in pieces of a quarter of the window, so that live reads do not cost a message each. */
const repay = (state: PullState, { window }: PullOptions): PullStep =>
  state.owed < window / 4
    ? stay(state)
    : {
        state: { ...state, owed: 0, credit: state.credit + state.owed },
        effects: [{ type: 'sendCredit', reads: state.owed }],
      };

const ignore = (state: PullState, count: number, options: PullOptions): PullStep =>
  repay({ ...state, credit: state.credit - count, owed: state.owed + count }, options);

const frame = (
  state: PullState,
  { pair, firstSeq, count }: Extract<PullInput, { type: 'frame' }>,
  options: PullOptions,
): PullStep => {
  const key = keyOf(pair);
  if (!isJoined(state)) return stay(state);
  if (!state.targets.has(key)) return ignore(state, count, options);
  const step = stepFrame(state.received.get(key) ?? 0, firstSeq, count);
  switch (step.type) {
    case 'gap':
      return {
        state,
        effects: [{ type: 'restart', reason: `expected read ${step.expected} of ${key}, got ${firstSeq}` }],
      };
    case 'known':
      return ignore(state, count, options);
    case 'append':
      return {
        state: {
          ...state,
          received: new Map(state.received).set(key, step.head),
          inFlight: state.inFlight + count,
          credit: state.credit - count,
        },
        effects: [{ type: 'store', reads: count }],
      };
  }
};

const goLiveWhenHeld = ({ state, effects }: PullStep): PullStep =>
  state.phase === 'catchingUp' && state.untilLive !== null && state.untilLive <= 0
    ? { state: { ...state, phase: 'live', untilLive: null }, effects: [...effects, { type: 'settle' }] }
    : { state, effects };

/** While an answer is awaited it speaks of the former selection. */
const caughtUp = (state: PullState): PullStep =>
  state.phase === 'catchingUp' || state.phase === 'selecting'
    ? stay({ ...state, untilLive: state.inFlight })
    : stay(state);

const committed = (
  state: PullState,
  { raised, reads }: Extract<PullInput, { type: 'committed' }>,
  options: PullOptions,
): PullStep => {
  const held: PullState = { ...state, noSpace: null, held: new Map([...state.held, ...raised]) };
  if (!isJoined(state)) return stay(held);
  const { state: repaid, effects } = repay(
    {
      ...held,
      inFlight: state.inFlight - reads,
      untilLive: state.untilLive === null ? null : state.untilLive - reads,
      owed: state.owed + reads,
    },
    options,
  );
  const ack: readonly PullEffect[] = raised.size > 0 ? [{ type: 'sendAck', raised }] : [];
  return { state: repaid, effects: [...ack, ...effects] };
};

const heads = (state: PullState, json: ClockJson): PullState => {
  const targets = new Map(state.targets);
  for (const [key, head] of clockFromJson(json)) {
    const target = targets.get(key);
    if (target !== undefined) targets.set(key, { ...target, head });
  }
  return { ...state, targets };
};

const compared = (state: PullState, progress: readonly PairProgress[]): PullState => ({
  ...state,
  verdicts: new Map(
    progress.flatMap((it) => {
      const match = it.check === 'match';
      const verdict: Verdict = { match, repaired: it.repairs > 0 };
      return match || it.check === 'mismatch' ? [[keyOf(it), verdict] as const] : [];
    }),
  ),
});

/**
 * Repairs by itself, once for each epoch, and only in a session that can bring it back: without a relay, a copy with a fault is
 * worth more than none.
 */
const repairOne = ({ state, effects }: PullStep): PullStep => {
  if (state.phase !== 'live') return { state, effects };
  for (const [key, { match, repaired }] of state.verdicts) {
    const pair = match || repaired ? undefined : state.targets.get(key);
    if (pair === undefined) continue;
    const verdicts = new Map(state.verdicts).set(key, { match, repaired: true });
    return { state: { ...state, verdicts }, effects: [...effects, { type: 'repair', pair }] };
  }
  return { state, effects };
};

const dropped = (state: PullState, pair: Pair): PullStep => {
  const key = keyOf(pair);
  const without = <T>(map: ReadonlyMap<PairKey, T>): ReadonlyMap<PairKey, T> =>
    new Map([...map].filter(([it]) => it !== key));
  const { held, received, verdicts } = state;
  const lowered = { held: without(held), received: without(received), verdicts: without(verdicts) };
  return selected({ ...state, ...lowered }, state.selection);
};

/** What the session held beyond the replica is forgotten: it will be sent again. */
const ended = (state: PullState, reason: string, stopped: boolean): PullState => ({
  ...state,
  phase: 'offline',
  former: null,
  reason,
  stopped,
  refused: null,
  received: state.held,
  inFlight: 0,
  untilLive: null,
  credit: 0,
  owed: 0,
});

export const stepPull = (state: PullState, input: PullInput, options: PullOptions): PullStep => {
  switch (input.type) {
    case 'dialing':
      return stay(state.phase === 'offline' ? { ...state, phase: 'connecting', stopped: false } : state);
    case 'welcomed':
      return welcomed(state, input.clock, options);
    case 'selected':
      return selected(state, input.selection);
    case 'applied':
      return repairOne(goLiveWhenHeld(applied(state, input.applied)));
    case 'unknownRace':
      return goLiveWhenHeld(unknownRace(state));
    case 'askAgain':
      return askAgain(state);
    case 'frame':
      return frame(state, input, options);
    case 'caughtUp':
      return repairOne(goLiveWhenHeld(caughtUp(state)));
    case 'heads':
      return stay(heads(state, input.heads));
    case 'committed':
      return repairOne(goLiveWhenHeld(committed(state, input, options)));
    case 'compared':
      return repairOne(stay(compared(state, input.progress)));
    case 'dropped':
      return dropped(state, input.pair);
    case 'noSpace':
      return stay({ ...state, noSpace: input.reason });
    case 'notStored':
    case 'malformed':
      return isJoined(state) ? { state, effects: [{ type: 'restart', reason: input.reason }] } : stay(state);
    case 'ended':
      return stay(ended(state, input.reason, input.stopped ?? false));
  }
};

/** Whether reads handed over should wait for more of them: a few big transactions while history comes, none of it live. */
export const mayJoinMore = (state: PullState, queued: number, joinReads: number): boolean =>
  state.phase === 'catchingUp' && state.untilLive === null && queued < joinReads && state.credit > 0;
