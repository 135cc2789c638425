import * as Y from 'yjs';
import { Refused } from './byte-reader.ts';
import { GATE_LIMITS, type GateLimits } from './limits.ts';
import { type Plan, planUpdate } from './plan.ts';
import { type Scanned, type Steps, scanUpdate } from './scan.ts';
import { applyAtOnce, applyInPieces, COST_OF_TRANSACTION, shareOf } from './slices.ts';

/**
 * `answer`: a step 2, all that its sender has and the relay lacked when it asked. `update`: a change as it was made.
 * `part`: an update that came while an answer is awaited, and may be one of several pieces of it.
 */
export type UpdateKind = 'answer' | 'part' | 'update';

/** What became of an update. Only `applied` and `partly` changed the document. */
export type UpdateOutcome =
  /** All of it is in the document; `author`: the one client under whose id it brought news. */
  | { readonly type: 'applied'; readonly author: number | null }
  /** Some was left out: what hangs on changes that are not here, and what others (`foreign`) are just writing themselves. */
  | { readonly type: 'partly'; readonly foreign: readonly number[] }
  /** It hangs on changes that are not here: nothing was taken, the sender is to be asked for all. */
  | { readonly type: 'lacks' }
  /** Written under the client id of somebody who is just writing: nothing was taken. */
  | { readonly type: 'foreign' }
  | { readonly type: 'refused'; readonly message: string };

export interface UpdateDeps {
  readonly doc: Y.Doc;
  readonly isForeign: (client: number) => boolean;
  /** Takes that many steps off what the sender may still cause; false when it is not as much. */
  readonly mayWalk?: (steps: number) => boolean;
  readonly origin: unknown;
  readonly limits?: GateLimits;
}

const authorOf = (plan: Plan, { blocks }: Scanned): number | null => {
  const [first, ...more] = blocks;
  return first !== undefined && more.length === 0 && plan.structs.length > 0 ? first.client : null;
};

const decide = (plan: Plan, scanned: Scanned, kind: UpdateKind): UpdateOutcome | null => {
  if (kind !== 'update') return null;
  if (plan.foreign.length > 0 && scanned.blocks.length === 1) return { type: 'foreign' };
  return plan.lacks ? { type: 'lacks' } : null;
};

/** An update that may be applied, and what is to be told of it then. Other changes may come before it is. */
export interface PlannedUpdate {
  /** How much of a transaction it fills if it is applied now (`shareOf`); above 1 it is to be applied in pieces. */
  readonly share: () => number;
  /** Applies it as it came, and tells what that cost (in the unit of `Steps`). */
  readonly applyAtOnce: () => number;
  readonly applyInPieces: () => Steps<void>;
  readonly outcome: UpdateOutcome;
}

/** What was found out about an update, before any of it is in the document. */
export type Judged =
  | { readonly type: 'decided'; readonly outcome: UpdateOutcome }
  | { readonly type: 'planned'; readonly update: PlannedUpdate };

const decided = (outcome: UpdateOutcome): Judged => ({ type: 'decided', outcome });

const outcomeOf = (plan: Plan, scanned: Scanned, kind: UpdateKind): UpdateOutcome => {
  // who answers has told all it has: what that lacks, its sender lacks as well
  const isPart = plan.foreign.length > 0 || (plan.lacks && kind === 'part');
  return isPart ? { type: 'partly', foreign: plan.foreign } : { type: 'applied', author: authorOf(plan, scanned) };
};

const TOO_MANY = 'too many changes amid keys or lists that have had many values, one after the other';

function* judge(bytes: Uint8Array, kind: UpdateKind, deps: UpdateDeps): Steps<Judged> {
  const { doc, origin, limits = GATE_LIMITS } = deps;
  const scanned = yield* scanUpdate(bytes, limits);
  const plan = yield* planUpdate(scanned, { doc, limits, isForeign: deps.isForeign });
  const refused = decide(plan, scanned, kind);
  if (refused !== null) return decided(refused);
  if (plan.walk > 0 && deps.mayWalk?.(plan.walk) === false) return decided({ type: 'refused', message: TOO_MANY });
  const apply = (slice: Uint8Array): void => Y.applyUpdate(doc, slice, origin);
  const update: PlannedUpdate = {
    share: () => shareOf(doc, plan, bytes),
    applyAtOnce: () => applyAtOnce(plan, bytes, apply),
    applyInPieces: () => applyInPieces(doc, plan, bytes, limits, apply),
    outcome: outcomeOf(plan, scanned, kind),
  };
  return { type: 'planned', update };
}

/** Looks at an untrusted update in steps: at its bytes, and at what it would do to the document. Applies nothing. */
export function* judgeSteps(bytes: Uint8Array, kind: UpdateKind, deps: UpdateDeps): Steps<Judged> {
  try {
    return yield* judge(bytes, kind, deps);
  } catch (error) {
    if (error instanceof Refused) return decided({ type: 'refused', message: error.message });
    throw error;
  }
}

/**
 * Takes an untrusted update in steps: looks at its bytes, plans what it would do to the document, and only then applies it,
 * in pieces. Other changes may come between any two steps.
 */
export function* updateSteps(bytes: Uint8Array, kind: UpdateKind, deps: UpdateDeps): Steps<UpdateOutcome> {
  const judged = yield* judgeSteps(bytes, kind, deps);
  if (judged.type === 'decided') return judged.outcome;
  const { update } = judged;
  if (update.share() <= 1) yield COST_OF_TRANSACTION + update.applyAtOnce();
  else yield* update.applyInPieces();
  return update.outcome;
}
