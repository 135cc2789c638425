import * as Y from 'yjs';
import { Refused } from './byte-reader.ts';
import { GATE_LIMITS, type GateLimits } from './limits.ts';
import { type Plan, planUpdate } from './plan.ts';
import { type Scanned, type Steps, scanUpdate } from './scan.ts';
import { applyPlan } from './slices.ts';

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

function* takeSteps(update: Uint8Array, kind: UpdateKind, deps: UpdateDeps): Steps<UpdateOutcome> {
  const { doc, origin, limits = GATE_LIMITS } = deps;
  const scanned = yield* scanUpdate(update, limits);
  const plan = yield* planUpdate(scanned, { doc, limits, isForeign: deps.isForeign });
  const refused = decide(plan, scanned, kind);
  if (refused !== null) return refused;
  if (plan.walk > 0 && deps.mayWalk?.(plan.walk) === false) {
    return {
      type: 'refused',
      message: 'too many changes amid keys or lists that have had many values, one after the other',
    };
  }
  yield* applyPlan(doc, plan, update, limits, (slice) => Y.applyUpdate(doc, slice, origin));
  // who answers has told all it has: what that lacks, its sender lacks as well
  if (plan.foreign.length > 0 || (plan.lacks && kind === 'part')) return { type: 'partly', foreign: plan.foreign };
  return { type: 'applied', author: authorOf(plan, scanned) };
}

/**
 * Takes an untrusted update in steps: looks at its bytes, plans what it would do to the document, and only then applies it,
 * in pieces. Other changes may come between any two steps.
 */
export function* updateSteps(update: Uint8Array, kind: UpdateKind, deps: UpdateDeps): Steps<UpdateOutcome> {
  try {
    return yield* takeSteps(update, kind, deps);
  } catch (error) {
    if (error instanceof Refused) return { type: 'refused', message: error.message };
    throw error;
  }
}
