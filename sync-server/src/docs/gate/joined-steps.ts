import type { Steps } from './scan.ts';
import { COST_OF_TRANSACTION } from './slices.ts';
import { judgeSteps, type UpdateDeps, type UpdateKind, type UpdateOutcome } from './update-steps.ts';
import type { Task } from './work-turns.ts';

/** One of the updates that a sender's are taken together with. */
export interface Arrived {
  readonly bytes: Uint8Array;
  readonly kind: UpdateKind;
  /** Called with what became of it: within the transaction that it is in, before the next is asked for. */
  readonly settle: (outcome: UpdateOutcome) => void;
}

export interface JoinedDeps extends UpdateDeps {
  /** The sender's next update, in their order. */
  readonly next: () => Arrived | undefined;
  /** Runs something in one transaction of the document, whose origin is the sender. */
  readonly transact: (run: () => void) => void;
}

/** After so much work a transaction ends: with what one more update may take, some milliseconds. */
const MAX_COST = 20_000;
const COST_OF_UPDATE = 50;

/** The transaction that is open. */
interface Room {
  /** How much more may go into it; see `shareOf`. */
  share: number;
  /** None is: each piece of an update is one of its own. */
  inPieces: boolean;
}

function* applyInPieces(room: Room, pieces: Steps<void>): Steps<void> {
  room.inPieces = true;
  yield 0;
  yield* pieces;
  room.share = 0;
  room.inPieces = false;
}

function* takeOne({ bytes, kind }: Arrived, deps: JoinedDeps, room: Room): Steps<UpdateOutcome> {
  const judged = yield* judgeSteps(bytes, kind, deps);
  if (judged.type === 'decided') return judged.outcome;
  const { update } = judged;
  let share = update.share();
  if (share > room.share && room.share < 1) {
    room.share = 0;
    yield 0;
    share = update.share(); // others may have changed the document meanwhile
  }
  if (share > 1) {
    yield* applyInPieces(room, update.applyInPieces());
  } else {
    room.share -= share;
    yield update.applyAtOnce();
  }
  return update.outcome;
}

function* takeAll(deps: JoinedDeps, room: Room): Steps<void> {
  for (let arrived = deps.next(); arrived !== undefined; arrived = deps.next()) {
    arrived.settle(yield* takeOne(arrived, deps, room));
    yield COST_OF_UPDATE;
  }
}

/**
 * Takes the untrusted updates of one sender, each as `updateSteps` does, those that are small together in one transaction:
 * the document then tells of them as one change, which is stored, encoded and sent once. Each is looked at when those before
 * it are in the document, and one that is refused changes nothing of them. A transaction holds no more than one update may
 * be applied of at once, so it takes no longer.
 */
export const joinedTask = (deps: JoinedDeps): Task => {
  const room: Room = { share: 1, inPieces: false };
  const steps = takeAll(deps, room);

  const stepAlone = (): number | null => {
    const step = steps.next();
    return step.done === true ? null : step.value;
  };

  const stepsTogether = (): number | null => {
    room.share = 1;
    let cost: number | null = COST_OF_TRANSACTION;
    while (cost !== null && cost < MAX_COST && room.share > 0 && !room.inPieces) {
      const more = stepAlone();
      cost = more === null ? null : cost + more;
    }
    return cost;
  };

  return () => {
    if (room.inPieces) return stepAlone();
    let cost: number | null = null;
    deps.transact(() => {
      cost = stepsTogether();
    });
    return cost;
  };
};
