import { RaceId, StreamId } from '@baton/schema/ids';
import type { AppliedMessage, Target } from '@baton/schema/protocol';
import { type Pair, type PairKey, pairKey } from '@baton/schema/reads';
import type { Selection } from '@baton/schema/selection';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stepFrame } from '../../src/reads/frame-step.ts';
import {
  beginPull,
  mayJoinMore,
  type PullEffect,
  type PullInput,
  type PullState,
  stepPull,
} from '../../src/reads/pull-state.ts';
import { pullStatus } from '../../src/reads/pull-status.ts';

const MAT = StreamId.parse('box-1.mat');
const GATE = StreamId.parse('box-1.gate');
const manual = (...streams: readonly StreamId[]): Selection => ({ mode: 'manual', streams: [...streams] });
const race: Selection = { mode: 'race', raceId: RaceId.parse('r1'), epochScope: 'all' };
const target = (streamId: StreamId, epoch: number, head: number): Target => ({ streamId, epoch, head, sealed: false });
const applied = (selection: Selection, ...targets: readonly Target[]): PullInput => {
  const message: AppliedMessage = { type: 'applied', selection, targets: [...targets], warnings: [] };
  return { type: 'applied', applied: message };
};
const frame = (pair: Pair, firstSeq: number, count: number): PullInput => ({ type: 'frame', pair, firstSeq, count });
const committed = (pair: Pair, seq: number, reads: number): PullInput => ({
  type: 'committed',
  raised: new Map([[pairKey(pair.streamId, pair.epoch), seq]]),
  reads,
});
const compared = (check: 'match' | 'mismatch', repairs = 0): PullInput => ({
  type: 'compared',
  progress: [{ ...MAT1, held: 5, head: 5, sealed: true, hash: HASH, heldHash: null, check, repairs }],
});
const HASH = 'ab'.repeat(32);
const welcomed = (...held: readonly (readonly [Pair, number])[]): PullInput => ({
  type: 'welcomed',
  clock: new Map(held.map(([pair, seq]) => [pairKey(pair.streamId, pair.epoch), seq])),
});

const WINDOW = 100;
const MAT1 = { streamId: MAT, epoch: 1 };
const GATE1 = { streamId: GATE, epoch: 1 };

/** Runs inputs from a fresh state; gives the last state and the effects of each input. */
const play = (selection: Selection, ...inputs: readonly PullInput[]) => {
  let state = beginPull(selection, new Map(), []);
  const effects: (readonly PullEffect[])[] = [];
  for (const input of inputs) {
    const step = stepPull(state, input, { window: WINDOW });
    state = step.state;
    effects.push(step.effects);
  }
  return { state, effects, last: effects.at(-1) ?? [] };
};

const joined = [{ type: 'dialing' }, welcomed()] as const satisfies readonly PullInput[];

describe('a receiver’s session', () => {
  it('[RT-26] selects with its own clock and grants the window as credit', () => {
    const { state, last } = play(manual(MAT), { type: 'dialing' }, welcomed([MAT1, 7]));
    expect(state.phase).toBe('selecting');
    expect(last).toEqual([
      { type: 'sendSelect', selection: manual(MAT), clock: new Map([[pairKey(MAT, 1), 7]]) },
      { type: 'sendCredit', reads: WINDOW },
    ]);
  });

  it('[RT-18] goes offline → connecting → catching-up → live', () => {
    const inputs: readonly PullInput[] = [
      { type: 'dialing' },
      welcomed(),
      applied(manual(MAT), target(MAT, 1, 5)),
      frame(MAT1, 1, 5),
      { type: 'caughtUp' },
      committed(MAT1, 5, 5),
    ];
    const words = inputs.map((_, at) => pullStatus(play(manual(MAT), ...inputs.slice(0, at + 1)).state).connection);
    expect(words).toEqual(['connecting', 'connecting', 'catching-up', 'catching-up', 'catching-up', 'live']);
    expect(play(manual(MAT), ...inputs).last).toContainEqual({ type: 'settle' });
  });

  it('is live at once when there is nothing to catch up with', () => {
    const { state } = play(manual(), ...joined, applied(manual()), { type: 'caughtUp' });
    expect(state.phase).toBe('live');
  });

  it('[P6] acks only what was committed', () => {
    const { effects } = play(
      manual(MAT),
      ...joined,
      applied(manual(MAT), target(MAT, 1, 5)),
      frame(MAT1, 1, 5),
      committed(MAT1, 5, 5),
    );
    expect(
      effects
        .slice(0, 4)
        .flat()
        .map((it) => it.type),
    ).not.toContain('sendAck');
    expect(effects[4]).toEqual([{ type: 'sendAck', raised: new Map([[pairKey(MAT, 1), 5]]) }]);
  });

  it('[P22] [P28] never calls an epoch complete whose reads came and found no space', () => {
    const inputs: readonly PullInput[] = [
      ...joined,
      applied(manual(MAT), target(MAT, 1, 5)),
      frame(MAT1, 1, 5),
      { type: 'caughtUp' },
      committed(MAT1, 5, 5),
      frame(MAT1, 6, 2),
      { type: 'noSpace', reason: 'no space left' },
    ];
    const streams = (...more: readonly PullInput[]) => pullStatus(play(manual(MAT), ...inputs, ...more).state).streams;
    expect(streams()).toMatchObject([{ held: 5, head: 7, complete: false }]);
    expect(streams(committed(MAT1, 7, 2))).toMatchObject([{ held: 7, head: 7, complete: true }]);
  });

  it('[P3] restarts on a gap and stores nothing of it', () => {
    const { last } = play(manual(MAT), ...joined, applied(manual(MAT), target(MAT, 1, 9)), frame(MAT1, 2, 3));
    expect(last).toEqual([{ type: 'restart', reason: 'expected read 1 of box-1.mat/1, got 2' }]);
  });

  it('[P3] drops what it has received already, and gives its credit back', () => {
    const start = [...joined, applied(manual(MAT), target(MAT, 1, 90)), frame(MAT1, 1, 30)];
    const { last, state } = play(manual(MAT), ...start, frame(MAT1, 5, 26));
    expect(last).toEqual([{ type: 'sendCredit', reads: 26 }]);
    expect(state.inFlight).toBe(30);
    expect(play(manual(MAT), ...start, frame(MAT1, 20, 15)).last).toEqual([{ type: 'store', reads: 15 }]);
  });

  it('ignores reads of what is no target', () => {
    const { last } = play(manual(MAT), ...joined, applied(manual(MAT), target(MAT, 1, 9)), frame(GATE1, 1, 3));
    expect(last).toEqual([]);
  });

  it('gives credit back in quarters of the window', () => {
    const start = [...joined, applied(manual(MAT), target(MAT, 1, 90)), frame(MAT1, 1, 20), frame(MAT1, 21, 20)];
    const { effects } = play(manual(MAT), ...start, committed(MAT1, 20, 20), committed(MAT1, 40, 20));
    expect(effects.slice(-2).map((it) => it.filter(({ type }) => type === 'sendCredit'))).toEqual([
      [],
      [{ type: 'sendCredit', reads: 40 }],
    ]);
  });

  it('[RT-24] asks from what it has received when the selection changes in the middle of a replay', () => {
    const { state, last } = play(manual(MAT), ...joined, applied(manual(MAT), target(MAT, 1, 90)), frame(MAT1, 1, 20), {
      type: 'selected',
      selection: manual(MAT, GATE),
    });
    expect(state.phase).toBe('selecting');
    expect(last).toEqual([
      { type: 'sendSelect', selection: manual(MAT, GATE), clock: new Map([[pairKey(MAT, 1), 20]]) },
    ]);
    expect(pullStatus(state).connection).toBe('catching-up');
  });

  it('takes targets told for the former selection, and waits on for the answer', () => {
    const { state } = play(
      manual(MAT),
      ...joined,
      applied(manual(MAT), target(MAT, 1, 0)),
      { type: 'selected', selection: manual(GATE) },
      applied(manual(MAT), target(MAT, 1, 0), target(MAT, 2, 0)),
      { type: 'caughtUp' },
    );
    expect(state.phase).toBe('selecting');
    expect([...state.targets.keys()]).toEqual(['box-1.mat/1', 'box-1.mat/2']);
  });

  it('[RT-20] catches up again when a target with history comes, and only then', () => {
    const live = [...joined, applied(manual(MAT), target(MAT, 1, 0)), { type: 'caughtUp' } as const];
    const more = (head: number) => applied(manual(MAT), target(MAT, 1, 4), target(MAT, 2, head));
    expect(play(manual(MAT), ...live, more(0)).state.phase).toBe('live');
    expect(play(manual(MAT), ...live, more(3)).state.phase).toBe('catchingUp');
  });

  it('[RT-25] keeps the former selection when the race is unknown, and asks again', () => {
    const live = [...joined, applied(manual(MAT), target(MAT, 1, 0)), { type: 'caughtUp' } as const];
    const refused = [...live, { type: 'selected', selection: race } as const, { type: 'unknownRace' } as const];
    const { state } = play(manual(MAT), ...refused);
    expect(state.phase).toBe('live');
    expect(pullStatus(state).warnings).toMatchObject([{ type: 'unknown-race', raceId: 'r1' }]);
    expect(play(manual(MAT), ...refused, frame(MAT1, 1, 2)).last).toEqual([{ type: 'store', reads: 2 }]);
    expect(play(manual(MAT), ...refused, { type: 'askAgain' }).last).toMatchObject([
      { type: 'sendSelect', selection: race },
    ]);
    const answered = play(manual(MAT), ...refused, { type: 'askAgain' }, applied(race, target(GATE, 1, 2)));
    expect(answered.state).toMatchObject({ phase: 'catchingUp', refused: null });
  });

  it('[RT-25] selects nothing when its very first race is unknown', () => {
    const { state } = play(race, ...joined, { type: 'unknownRace' });
    expect(pullStatus(state)).toMatchObject({ connection: 'live', streams: [] });
    expect(play(race, ...joined, { type: 'unknownRace' }, { type: 'askAgain' }).last).toHaveLength(1);
  });

  it('forgets at a disconnect what was not committed', () => {
    const { state } = play(
      manual(MAT),
      ...joined,
      applied(manual(MAT), target(MAT, 1, 9)),
      frame(MAT1, 1, 4),
      frame(MAT1, 5, 4),
      committed(MAT1, 4, 4),
      { type: 'ended', reason: 'cut' },
    );
    expect(state).toMatchObject({ phase: 'offline', reason: 'cut', inFlight: 0, credit: 0 });
    expect(state.received).toEqual(new Map([[pairKey(MAT, 1), 4]]));
    expect(pullStatus(state).streams).toMatchObject([{ ...MAT1, held: 4, head: 9, complete: false }]);
  });

  it('counts a commit that ends after the session did', () => {
    const { state, last } = play(
      manual(MAT),
      ...joined,
      applied(manual(MAT), target(MAT, 1, 9)),
      frame(MAT1, 1, 4),
      { type: 'ended', reason: 'cut' },
      committed(MAT1, 4, 4),
    );
    expect(last).toEqual([]);
    expect(state.held).toEqual(new Map([[pairKey(MAT, 1), 4]]));
  });

  it('[P9] deletes nothing when the relay is behind', () => {
    const { state } = play(
      manual(MAT),
      { type: 'dialing' },
      welcomed([MAT1, 9]),
      applied(manual(MAT), target(MAT, 1, 4)),
    );
    expect(pullStatus(state).streams).toMatchObject([{ ...MAT1, held: 9, head: 9, complete: true }]);
    expect(
      play(
        manual(MAT),
        { type: 'dialing' },
        welcomed([MAT1, 9]),
        applied(manual(MAT), target(MAT, 1, 4)),
        frame(MAT1, 5, 5),
      ).last,
    ).toEqual([]);
  });

  it('joins reads only while history comes and credit is left', () => {
    const catching = play(manual(MAT), ...joined, applied(manual(MAT), target(MAT, 1, 90)), frame(MAT1, 1, 9)).state;
    expect(mayJoinMore(catching, 9, 50)).toBe(true);
    expect(mayJoinMore(catching, 50, 50)).toBe(false);
    expect(mayJoinMore({ ...catching, credit: 0 }, 9, 50)).toBe(false);
    expect(mayJoinMore(stepPull(catching, { type: 'caughtUp' }, { window: WINDOW }).state, 9, 50)).toBe(false);
  });
});

/** Moves of a relay and a network that may do anything but forge a read. */
type Move =
  | {
      readonly type: 'frame';
      readonly pair: number;
      readonly back: number;
      readonly skip: number;
      readonly count: number;
    }
  | { readonly type: 'commit'; readonly frames: number }
  | { readonly type: 'cut' }
  | { readonly type: 'select'; readonly both: boolean };

const PAIRS = [MAT1, { streamId: MAT, epoch: 2 }, GATE1];

const moves: fc.Arbitrary<readonly Move[]> = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        type: fc.constant('frame' as const),
        pair: fc.nat(PAIRS.length - 1),
        back: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(6) }),
        skip: fc.oneof({ weight: 12, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(3) }),
        count: fc.integer({ min: 1, max: 9 }),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({ type: fc.constant('commit' as const), frames: fc.integer({ min: 1, max: 4 }) }),
    },
    { weight: 1, arbitrary: fc.constant({ type: 'cut' as const }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('select' as const), both: fc.boolean() }) },
  ),
  { maxLength: 120 },
);

interface Handed {
  readonly key: PairKey;
  readonly firstSeq: number;
  readonly count: number;
}

/** A replica that notes every read it stores, and a driver that obeys the effects. */
const createModel = () => {
  let state: PullState = beginPull(manual(MAT, GATE), new Map(), []);
  const stored = new Map<PairKey, number[]>();
  const acked = new Map<PairKey, number>();
  let pending: Handed[] = [];
  let restarts = 0;

  const run = (input: PullInput): void => {
    const step = stepPull(state, input, { window: WINDOW });
    state = step.state;
    for (const effect of step.effects) {
      if (effect.type === 'store' && input.type === 'frame') {
        pending.push({
          key: pairKey(input.pair.streamId, input.pair.epoch),
          firstSeq: input.firstSeq,
          count: input.count,
        });
      }
      if (effect.type === 'sendAck') for (const [key, seq] of effect.raised) acked.set(key, seq);
      if (effect.type === 'restart') restart();
    }
  };

  const join = (): void => {
    run({ type: 'dialing' });
    run({ type: 'welcomed', clock: new Map([...stored].map(([key, seqs]) => [key, seqs.length])) });
    run(applied(state.selection, ...PAIRS.map((it) => target(it.streamId, it.epoch, 1000))));
  };

  const restart = (): void => {
    restarts++;
    pending = [];
    run({ type: 'ended', reason: 'restart' });
    join();
  };

  const commit = (frames: number): void => {
    const taken = pending.splice(0, frames);
    const raised = new Map<PairKey, number>();
    for (const { key, firstSeq, count } of taken) {
      const seqs = stored.get(key) ?? [];
      const step = stepFrame(seqs.length, firstSeq, count);
      if (step.type === 'gap') throw new Error(`a gap reached the replica: ${key} ${firstSeq} after ${seqs.length}`);
      if (step.type === 'append') {
        for (let seq = firstSeq + step.from; seq <= step.head; seq++) seqs.push(seq);
        raised.set(key, step.head);
      }
      stored.set(key, seqs);
    }
    if (taken.length > 0) run({ type: 'committed', raised, reads: taken.reduce((sum, it) => sum + it.count, 0) });
  };

  return {
    run,
    join,
    restart,
    commit,
    stored,
    acked,
    state: () => state,
    pending: () => pending,
    restarts: () => restarts,
  };
};

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((total, it) => total + it, 0);

type Model = ReturnType<typeof createModel>;

const perform = (model: Model, move: Move): void => {
  if (move.type === 'frame') {
    const pair = PAIRS[move.pair] ?? MAT1;
    const at = model.state().received.get(pairKey(pair.streamId, pair.epoch)) ?? 0;
    model.run(frame(pair, Math.max(1, at + 1 - move.back + move.skip), move.count));
  } else if (move.type === 'commit') model.commit(move.frames);
  else if (move.type === 'cut') model.restart();
  else model.run({ type: 'selected', selection: move.both ? manual(MAT, GATE) : manual(MAT) });
};

const expectInvariants = (model: Model): void => {
  for (const [key, seqs] of model.stored) {
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
    expect(model.acked.get(key) ?? 0).toBeLessThanOrEqual(seqs.length);
  }
  const { inFlight, credit, owed } = model.state();
  expect(inFlight).toBe(sum(model.pending().map((it) => it.count)));
  expect(inFlight + credit + owed).toBe(WINDOW);
};

describe('any order of frames, commits, cuts and selections', () => {
  it('[P3] [RT-18] [RT-23] stores 1, 2, 3 … of each epoch, and acks nothing that is not stored', () => {
    fc.assert(
      fc.property(moves, (list) => {
        const model = createModel();
        model.join();
        for (const move of list) {
          perform(model, move);
          expectInvariants(model);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('an epoch that is not what the relay sealed', () => {
  const sealed: Target = { ...target(MAT, 1, 5), sealed: true, hash: HASH };
  const held = [{ type: 'dialing' }, welcomed([MAT1, 5])] as const satisfies readonly PullInput[];
  const live = [...held, applied(manual(MAT), sealed), { type: 'caughtUp' }] as const satisfies readonly PullInput[];
  const repair = { type: 'repair', pair: sealed };

  it('[P3] is repaired once, in a session that can bring it back', () => {
    expect(play(manual(MAT), ...live, compared('mismatch')).last).toEqual([repair]);
    expect(play(manual(MAT), ...live, compared('mismatch'), compared('mismatch', 1)).last).toEqual([]);
    expect(play(manual(MAT), ...live, compared('mismatch', 1)).last).toEqual([]);
    expect(play(manual(MAT), compared('mismatch'), ...held).effects.flat()).not.toContainEqual(repair);
    expect(play(manual(MAT), compared('mismatch'), ...live).last).toContainEqual(repair);
    expect(play(manual(GATE), compared('mismatch'), ...held, applied(manual(GATE)), { type: 'caughtUp' }).last).toEqual(
      [{ type: 'settle' }],
    );
  });

  it('[P3] is asked for from its beginning once it was dropped', () => {
    const { state, last } = play(manual(MAT), ...live, compared('mismatch'), { type: 'dropped', pair: MAT1 });
    expect(last).toEqual([{ type: 'sendSelect', selection: manual(MAT), clock: new Map() }]);
    expect(pullStatus(state).streams).toMatchObject([{ held: 0, head: 5, complete: false, check: 'unchecked' }]);
    const again = stepPull(state, applied(manual(MAT), sealed), { window: WINDOW }).state;
    expect(stepPull(again, frame(MAT1, 1, 5), { window: WINDOW }).effects).toEqual([{ type: 'store', reads: 5 }]);
  });

  it('[P3] is shown, with what helps; what matches is said to match', () => {
    const warnings = (...inputs: readonly PullInput[]) =>
      pullStatus(play(manual(MAT), ...live, ...inputs).state).warnings;
    const checks = (...inputs: readonly PullInput[]) =>
      pullStatus(play(manual(MAT), ...live, ...inputs).state).streams.map((it) => it.check);
    expect([warnings(), checks()]).toEqual([[], ['checking']]);
    expect([warnings(compared('match')), checks(compared('match'))]).toEqual([[], ['match']]);
    expect(checks(compared('mismatch', 1))).toEqual(['mismatch']);
    expect(warnings(compared('mismatch', 1))).toMatchObject([
      { type: 'mismatch', streamId: MAT, epoch: 1, message: expect.stringContaining('pulled again and is still not') },
    ]);
  });
});
