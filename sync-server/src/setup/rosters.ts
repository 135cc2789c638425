import { type Author, editAs, type Roster, rosterDocName } from '@baton/schema/doc';
import { type Refusal, refusal } from '@baton/schema/errors';
import type { EventId } from '@baton/schema/ids';
import type { Clock } from '@baton/schema/ports';
import { err, ok, type Result } from '@baton/schema/result';
import type { Pace } from '@baton/schema/roster';
import {
  eachPlanStep,
  type ImportOptions,
  type ImportPlan,
  type LineProblems,
  type ParsedRoster,
  type PlanOutcome,
  type PlanStep,
  planImportSliced,
  runPaced,
} from '@baton/schema/roster';
import type * as Y from 'yjs';
import { authorOf } from '../auth/author.ts';
import type { Grant } from '../auth/grant.ts';
import type { DocRooms, HeldDoc } from '../docs/doc-rooms.ts';
import { createSerial } from '../registry/serial.ts';
import { createRosterReading } from './roster-reading.ts';
import type { Setups } from './setups.ts';

/** The roster documents as HTTP needs them. */
export interface Rosters {
  readonly read: (eventId: EventId) => Promise<Roster>;
  /**
   * Does to the roster what a list says, signed with who sent it; resolves when durable. It is planned against the roster at that
   * moment: a list that does not fit it changes nothing.
   */
  readonly importList: (
    eventId: EventId,
    by: Grant | null,
    list: ParsedRoster,
    options: ImportOptions,
  ) => Promise<ImportOutcome>;
}

export type ImportOutcome = Result<ImportPlan, Refusal>;

/** A refused list, with the lines that are wrong; nothing of it was taken. */
export const refuseList = ({ problems, more }: LineProblems): Refusal => {
  const [first] = problems;
  const count = problems.length + more;
  const where = first?.line == null ? '' : ` line ${first.line}:`;
  const rest = count > 1 ? ` (and ${count - 1} more)` : '';
  const lines = [...new Set(problems.flatMap(({ line }) => (line === null ? [] : [line])))];
  const message = `nothing was imported:${where} ${first?.message ?? 'the list cannot be read'}${rest}`;
  return refusal('BAD_REQUEST', message, { lines, problems, more });
};

export interface RostersDeps {
  readonly docs: Pick<DocRooms, 'hold' | 'onChange'>;
  readonly setups: Pick<Setups, 'read'>;
  readonly clock: Clock;
  readonly pace: Pace;
}

/** How often a plan is made again since people edited the roster meanwhile. */
const MAX_PLANS = 5;

const BEING_EDITED = refusal('CONFLICT', 'the roster is being edited: nothing was imported, send the list again');

const entriesOf = ({ added, changed, removed, chips }: ImportPlan): number =>
  added.length + changed.length + removed.length + chips.given.length + chips.moved.length + chips.removed.length;

/** Entries of a list that is one transaction, unless its texts are very long; people and their chips are different steps. */
const WHOLE = 1000;
const WHOLE_STEPS = 2;
/** Of a longer one, so many entries are one step, after which the clock is looked at, and so many steps one transaction at most. */
const STEP_ENTRIES = 10;
const PART_STEPS = 20;
/** Who goes is looked for among all chips: many small steps would cost more than a few. */
const STEP_GONE = 300;

/** Steps of a plan, each run once, several of them as one change of the document. */
interface Parts {
  readonly isLeft: () => boolean;
  /** Runs the next ones: at least one, and no more when they have had their time. */
  readonly run: (doc: Y.Doc) => void;
}

const partsOf = (steps: Iterator<PlanStep, void>, maxSteps: number, isOver: () => boolean): Parts => {
  let next = steps.next();
  return {
    isLeft: () => next.done !== true,
    run: (doc) => {
      for (let count = 0; next.done !== true && count < maxSteps; count++) {
        if (count > 0 && isOver()) return;
        next.value(doc);
        next = steps.next();
      }
    },
  };
};

const planParts = (plan: ImportPlan, pace: Pace): Parts =>
  entriesOf(plan) <= WHOLE
    ? partsOf(eachPlanStep(plan, WHOLE / WHOLE_STEPS), Number.POSITIVE_INFINITY, () => false)
    : partsOf(eachPlanStep(plan, STEP_ENTRIES, STEP_GONE), PART_STEPS, pace.isOver);

/**
 * One part is one transaction, durable before the next is begun. A list of up to a thousand entries is one part,
 * and so all or nothing in every respect. A longer one at once would hold the event loop for too long, and
 * flood its readers: it comes in parts, what it takes away last. When the disk fails between two of them,
 * the asker is told, and the same list sent again does the rest.
 */
const applyParts = async (
  held: HeldDoc,
  author: Author,
  plan: ImportPlan,
  pace: Pace,
): Promise<Result<void, Refusal>> => {
  const parts = planParts(plan, pace);
  for (let done = 0; parts.isLeft(); done++) {
    // not before the first: the plan is of the roster as it is now
    if (done > 0) await pace.rest();
    const edited = await held.edit((doc) => editAs(doc, author, parts.run, { kind: 'import' }));
    if (!edited.ok) return done === 0 ? edited : err(halfDone(edited.error, done));
  }
  return ok(undefined);
};

const halfDone = ({ code, message }: Refusal, done: number): Refusal =>
  refusal(code, `${message}; ${done} parts of the list are stored already: send it again for the rest`, { done });

export const createRosters = ({ docs, setups, clock, pace }: RostersDeps): Rosters => {
  const read = createRosterReading(docs, pace);
  const serial = createSerial();

  /** Null: the event changed while the plan was made. */
  const planOnce = async (
    eventId: EventId,
    list: ParsedRoster,
    options: ImportOptions,
  ): Promise<PlanOutcome | null> => {
    const [setup, roster] = [await setups.read(eventId), await read(eventId)];
    const outcome = await runPaced(planImportSliced(roster, setup, list, options), pace);
    return setup === (await setups.read(eventId)) && roster === (await read(eventId)) ? outcome : null;
  };

  const importInto = async (held: HeldDoc, by: Grant | null, plan: () => Promise<PlanOutcome | null>) => {
    for (let plans = 0; plans < MAX_PLANS; plans++) {
      const outcome = await plan();
      if (outcome === null) continue;
      if (outcome.type === 'refused') return err(refuseList(outcome));
      const applied = await applyParts(held, authorOf(by, clock.now()), outcome.plan, pace);
      return applied.ok ? ok(outcome.plan) : applied;
    }
    return err(BEING_EDITED);
  };

  return {
    read,
    importList: (eventId, by, list, options) =>
      serial.run(eventId, async () => {
        const held = await docs.hold(rosterDocName(eventId));
        try {
          return await importInto(held, by, () => planOnce(eventId, list, options));
        } finally {
          held.release();
        }
      }),
  };
};
