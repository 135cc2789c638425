import type { Setup } from '@baton/schema/doc';
import type { FeedDiff } from '@baton/schema/feed';
import type { RaceId } from '@baton/schema/ids';
import { type NumberedRead, type Pair, type PairKey, pairFromKey } from '@baton/schema/reads';
import {
  createRaceFold,
  type FoldInputs,
  type FoldRead,
  type OnCourseRow,
  type RaceFold,
  type SomeChanges,
} from '@baton/schema/results';
import type { Sliced } from '@baton/schema/roster';
import { followEpoch } from '../log/log-reading.ts';
import type { ReadLog } from '../log/read-log.ts';
import { createCourseBoard } from './course-board.ts';

/** What became of a race, as spectators are told. */
export type RaceNews =
  | { readonly type: 'none' }
  /** Too much for a message of changes. */
  | { readonly type: 'all' }
  | { readonly type: 'diff'; readonly diff: FeedDiff };

/** One race of an event, folded up to a position of each of its epochs. */
export interface LiveRace {
  readonly raceId: RaceId;
  readonly fold: RaceFold;
  /** What changed since it was asked last, in pieces; nothing may be added to the fold before the last of them. */
  readonly take: () => Sliced<RaceNews>;
  /**
   * Reads of the race's epochs that the fold has not had, some hundred at a time; each part is to be added before
   * the next is asked for.
   */
  readonly newReads: (setup: Setup, isWanted?: (key: PairKey) => boolean) => AsyncGenerator<readonly FoldRead[]>;
  /** How far the log has been read. */
  readonly clock: () => ReadonlyMap<PairKey, number>;
}

/** Without the line itself. */
const foldReadOf = ({ streamId, epoch }: Pair, read: NumberedRead): FoldRead => {
  const { seq, chip, readerTime, receivedAt, kind } = read;
  return { streamId, epoch, seq, chip, readerTime, receivedAt, kind };
};

/** Beyond this the first rows of all races are no longer message. */
const MAX_DIFF_ROWS = 200;

const resultsPart = ({ rows, gone, moved, total }: SomeChanges): Partial<FeedDiff> => ({
  ...(rows.length > 0 ? { results: rows } : {}),
  ...(gone.length > 0 ? { gone } : {}),
  ...(moved === null ? {} : { moved }),
  ...(rows.length + gone.length > 0 ? { total } : {}),
});

export const createLiveRace = (log: ReadLog, inputs: FoldInputs): LiveRace => {
  const { raceId } = inputs;
  const fold = createRaceFold(inputs);
  const positions = new Map<PairKey, number>();
  const course = createCourseBoard();

  let toldOnCourse = 0;

  const retell = (): RaceNews => {
    course.reset(fold.estimatesNow());
    toldOnCourse = fold.onCourseTotal();
    return { type: 'all' };
  };

  const coursePart = (oncourse: readonly OnCourseRow[], offCourse: readonly string[]): Partial<FeedDiff> => {
    const before = toldOnCourse;
    toldOnCourse = fold.onCourseTotal();
    return {
      ...(oncourse.length > 0 ? { oncourse } : {}),
      ...(offCourse.length > 0 ? { offcourse: offCourse.map((bib) => ({ raceId, bib })) } : {}),
      ...(toldOnCourse === before ? {} : { oncourseTotal: toldOnCourse }),
    };
  };

  function* take(): Sliced<RaceNews> {
    yield* fold.settleSliced();
    const changes = yield* fold.takeChangesSliced(MAX_DIFF_ROWS);
    if (changes.type === 'none') return changes;
    if (changes.type === 'all') return retell();
    const oncourse = yield* course.apply(changes);
    const { rows, gone, offCourse } = changes;
    if (rows.length + gone.length + oncourse.length + offCourse.length > MAX_DIFF_ROWS) return retell();
    const diff: FeedDiff = { raceId, ...resultsPart(changes), ...coursePart(oncourse, offCourse) };
    return Object.keys(diff).length > 1 ? { type: 'diff', diff } : { type: 'none' };
  }

  const newReadsOf = async function* (key: PairKey): AsyncGenerator<readonly FoldRead[]> {
    const pair = pairFromKey(key);
    // official results stand by themselves; what is archived of them is read here no more
    if (pair === null || log.isArchived(pair)) return;
    for await (const reads of followEpoch(log, pair, positions.get(key) ?? 0, log.head(pair))) {
      yield reads.map((read) => foldReadOf(pair, read));
      positions.set(key, reads.at(-1)?.seq ?? 0);
    }
  };

  const newReads = async function* (
    setup: Setup,
    isWanted: (key: PairKey) => boolean = () => true,
  ): AsyncGenerator<readonly FoldRead[]> {
    for (const [key, mapped] of setup.epochRaces) {
      if (mapped === raceId && isWanted(key)) yield* newReadsOf(key);
    }
  };

  return { raceId, fold, take, newReads, clock: () => positions };
};
