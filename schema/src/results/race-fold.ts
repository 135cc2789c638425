import type { ParticipantId } from '../doc/roster-doc.ts';
import { runAtOnce, type Sliced } from '../roster/sliced.ts';
import { hasResult } from './entry.ts';
import type { FateTally } from './fate.ts';
import type { FoldChanges, PageQuery, RowPage } from './fold-changes.ts';
import type { FoldRead } from './fold-read.ts';
import { createHeldReads } from './held-reads.ts';
import { compareInputs } from './input-changes.ts';
import { judgeAnew } from './judge-anew.ts';
import { createJudged, type Judged } from './judged.ts';
import type { FoldInputs } from './race-plan.ts';
import { type OnCourseRow, type RaceResults, type ResultRow, resultsOf, type Standing } from './result-rows.ts';
import { courseOf, estimatesNow, pageOf, rowOfEntry, standingOf, standingsOf } from './standing-rows.ts';
import { takeChanges } from './take-changes.ts';
import {
  allCrossings,
  allFates,
  type CrossingRow,
  crossingsOf,
  type ReadFate,
  type UnknownChip,
  unknownChips,
} from './told-reads.ts';
import { venueClock } from './venue-clock.ts';

/**
 * The results of one race, kept up to date. Everything is a function of the inputs and the *set* of
 * reads: the order of `add` calls makes no difference, and a read that comes twice counts once.
 *
 * A read costs what its own participant costs, and O(log n) to find its place among the others; so does a participant, a
 * chip or a correction that changed. Ranks are counted when somebody asks, not written into rows.
 */
export interface RaceFold {
  readonly add: (reads: Iterable<FoldRead>) => void;
  /**
   * Goes on with other inputs. Only those whom the difference concerns are judged anew; if it concerns all, such as
   * another gun start, every read is.
   */
  readonly update: (inputs: FoldInputs) => void;
  /**
   * The same in steps of a few milliseconds. Where all is judged anew, everything answers by the inputs before until the
   * last step. Another update that is asked for before the end takes its place.
   */
  readonly updateSliced: (inputs: FoldInputs) => Sliced<void>;
  /** Takes in what was added, in steps of a few milliseconds; else the next question does, at once. */
  readonly settleSliced: () => Sliced<void>;
  readonly results: () => RaceResults;
  /** The same rows with their participants. */
  readonly standings: () => readonly Standing[];
  /** Of these participants, as far as they have one; in no particular order. */
  readonly standingsOf: (participantIds: Iterable<ParticipantId>) => readonly Standing[];
  /** Some of the rows of `results()`, in the same order, at the cost of these rows. */
  readonly page: (query: PageQuery) => RowPage;
  /** All rows of a bib: more than one where it was given twice. */
  readonly rowsOf: (bib: string) => readonly ResultRow[];
  /** Those of `results()`, at most so many, at the cost of these rows. */
  readonly onCourse: (limit?: number) => readonly OnCourseRow[];
  readonly onCourseTotal: () => number;
  /** As `onCourse`, in steps of a few milliseconds, between which nothing may be added. */
  readonly onCourseSliced: () => Sliced<readonly OnCourseRow[]>;
  /** What is expected now of a row of `onCourse`; to be asked later, too. */
  readonly estimatesNow: () => (row: OnCourseRow) => number | null;
  /** What changed since it was asked last; the first time, since it was made. */
  readonly takeChanges: () => FoldChanges;
  /** As `takeChanges`, in steps of a few milliseconds, between which nothing may be added; `all` if more results than `most` changed. */
  readonly takeChangesSliced: (most?: number) => Sliced<FoldChanges>;
  /** Counted reads in the order of their wall times. */
  readonly crossings: () => readonly CrossingRow[];
  /** Those of one participant, in the order of the course. */
  readonly crossingsOf: (participantId: ParticipantId) => readonly CrossingRow[];
  readonly tally: () => FateTally;
  /** The fate of every read, in no particular order. */
  readonly fates: () => Iterable<ReadFate>;
  /** Chips that nobody in the roster has; most reads first. */
  readonly unknownChips: () => readonly UnknownChip[];
}

const beginWith = (inputs: FoldInputs): Judged => {
  const reads = createHeldReads(venueClock(inputs.timezone, inputs.date), inputs.setup.epochOffsets);
  return runAtOnce(createJudged(inputs, reads));
};

/** What is being updated: one that has begun to change what is shown must be run to its end, another may be left. */
interface Update {
  changing: Sliced<void> | null;
  isLeft: boolean;
}

/** Null: somebody else began meanwhile. */
function* untilLeft<T>(update: Update, work: Sliced<T>): Sliced<T | null> {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    yield;
    if (update.isLeft) return null;
  }
}

const firstOf = <T>(items: Iterable<T>, limit: number): readonly T[] => {
  const first: T[] = [];
  if (limit <= 0) return first;
  for (const item of items) {
    first.push(item);
    if (first.length >= limit) break;
  }
  return first;
};

/** Rows made in one step. */
const STEP = 50;

function* courseSliced(judged: Judged): Sliced<readonly OnCourseRow[]> {
  yield* judged.settleSliced();
  const rows: OnCourseRow[] = [];
  for (const row of courseOf(judged)) {
    rows.push(row);
    if (rows.length % STEP === 0) yield;
  }
  return rows;
}

export const createRaceFold = (inputs: FoldInputs): RaceFold => {
  let judged = beginWith(inputs);
  let latest: Update = { changing: null, isLeft: false };

  const settled = (): Judged => {
    judged.settle();
    return judged;
  };

  const leaveUpdate = (): void => {
    latest.isLeft = true;
    if (latest.changing !== null) runAtOnce(latest.changing);
  };

  function* run(update: Update, next: FoldInputs): Sliced<void> {
    if (update.isLeft) return;
    const change = yield* untilLeft(update, compareInputs(judged.inputs(), next));
    if (change === null) return;
    if (change.type === 'parts') {
      update.changing = judged.change(next, change.parts);
      yield* update.changing;
      update.changing = null;
      return;
    }
    const anew = yield* untilLeft(update, judgeAnew(judged.reads, next));
    if (anew !== null) judged = anew;
  }

  const updateSliced = (next: FoldInputs): Sliced<void> => {
    leaveUpdate();
    latest = { changing: null, isLeft: false };
    return run(latest, next);
  };

  return {
    add: (reads) => {
      for (const read of reads) {
        const held = judged.reads.hold(read);
        if (held !== null) judged.take(held);
      }
    },
    update: (next) => runAtOnce(updateSliced(next)),
    updateSliced,
    settleSliced: () => judged.settleSliced(),
    results: () => resultsOf(standingsOf(settled())),
    standings: () => standingsOf(settled()),
    standingsOf: (participantIds) => {
      const from = settled();
      return [...participantIds].flatMap((id) => {
        const entry = from.entrants.get(id)?.entry;
        return entry != null && hasResult(entry) ? [standingOf(from, entry)] : [];
      });
    },
    page: (query) => pageOf(settled(), query),
    rowsOf: (bib) => {
      const from = settled();
      return from.lists.ofBib(bib).map((entry) => rowOfEntry(from, entry));
    },
    onCourse: (limit = Number.POSITIVE_INFINITY) => firstOf(courseOf(settled()), limit),
    onCourseTotal: () => settled().onCourse.size(),
    onCourseSliced: () => courseSliced(judged),
    estimatesNow: () => estimatesNow(settled()),
    takeChanges: () => runAtOnce(takeChanges(judged)),
    takeChangesSliced: (most) => takeChanges(judged, most),
    crossings: () => allCrossings(settled()),
    crossingsOf: (participantId) => crossingsOf(settled(), participantId),
    tally: () => settled().fates.tally(),
    fates: () => allFates(settled()),
    unknownChips: () => unknownChips(judged),
  };
};

/** The same from nothing: what `createRaceFold` must always agree with. */
export const foldRace = (inputs: FoldInputs, reads: Iterable<FoldRead>): RaceResults => {
  const fold = createRaceFold(inputs);
  fold.add(reads);
  return fold.results();
};
