import { sameJson } from '../doc/doc-entry.ts';
import type { ParticipantId } from '../doc/roster-doc.ts';
import type { RankMove, RankMoves } from '../feed/rank-moves.ts';
import type { Sliced } from '../roster/sliced.ts';
import { sortSliced } from '../roster/sort-sliced.ts';
import { MAX_CHANGED } from './change-ledger.ts';
import { areComparable, compareEntries, type Entry, hasResult, sameEntry } from './entry.ts';
import { expectedAt, type Leg } from './expected-times.ts';
import type { FoldChanges } from './fold-changes.ts';
import type { Judged } from './judged.ts';
import type { Shifts } from './rank-list.ts';
import { isOnCourse, type OnCourseRow, onCourseRow } from './result-rows.ts';
import { rowOfEntry } from './standing-rows.ts';

/** Up to so many rows whose rank alone moved are told whole. */
const MAX_SHIFTED = 20;

/** An entry as it was when changes were taken last, and as it is now; null: no row. */
interface Changed {
  readonly participantId: ParticipantId;
  readonly before: Entry | null;
  readonly after: Entry | null;
}

const visible = (entry: Entry | null): Entry | null => (entry !== null && hasResult(entry) ? entry : null);

const changedIn = ({ ledger }: Judged): readonly Changed[] => {
  const found: Changed[] = [];
  for (const [owner, entry] of ledger.changed()) {
    const [before, after] = [visible(entry), visible(owner.entry)];
    const same = before === after || (before !== null && after !== null && sameEntry(before, after));
    const participantId = (before ?? after)?.participant.participantId;
    if (!same && participantId !== undefined) found.push({ participantId, before, after });
  }
  return found;
};

const bibOf = (entry: Entry | null): readonly string[] => (entry === null ? [] : [entry.participant.bib]);

const bibsOf = (changed: readonly Changed[]): ReadonlySet<string> =>
  new Set(changed.flatMap(({ before, after }) => [...bibOf(before), ...bibOf(after)]));

type Named<T> = readonly (readonly [name: string, shifts: Shifts<T>])[];

const shiftsIn = <T>(lists: Iterable<readonly [string, { readonly shifts: () => Shifts<T> | null }]>): Named<T> =>
  [...lists].flatMap(([name, list]) => {
    const shifts = list.shifts();
    return shifts === null ? [] : [[name, shifts] as const];
  });

/** How everything moved. */
interface AllShifts {
  readonly rank: Shifts<Entry> | null;
  readonly category: Named<Entry>;
  readonly sex: Named<Entry>;
  readonly splits: readonly (readonly [pointId: string, moves: readonly RankMove[], shifted: () => Iterable<Entry>])[];
  readonly behindMs: number;
}

function* ownersOf(shifts: Shifts<{ readonly owner: { readonly entry: Entry | null } }>): Iterable<Entry> {
  for (const { owner } of shifts.shifted()) if (owner.entry !== null) yield owner.entry;
}

const allShifts = ({ lists, plan }: Judged, behindMs: number): AllShifts => ({
  rank: lists.rows.shifts(),
  category: shiftsIn(lists.byCategory),
  sex: shiftsIn(lists.bySex),
  splits: shiftsIn(lists.marks.map((list, point) => [plan().points[point]?.pointId ?? '', list] as const)).map(
    ([pointId, shifts]) => [pointId, shifts.moves, () => ownersOf(shifts)],
  ),
  behindMs,
});

function* everybodyShifted({ lists }: Judged, { rank, category, sex, splits, behindMs }: AllShifts): Iterable<Entry> {
  if (behindMs !== 0) for (const entry of lists.rows.from(0)) if (entry.rankBy !== null) yield entry;
  if (rank !== null) yield* rank.shifted();
  for (const [, shifts] of [...category, ...sex]) yield* shifts.shifted();
  for (const [, , shifted] of splits) yield* shifted();
}

/** Those whose rank alone moved; null: more than can be told whole. */
const fewShifted = (judged: Judged, shifts: AllShifts, changed: readonly Changed[]): ReadonlySet<Entry> | null => {
  const known = new Set(changed.map(({ participantId }) => participantId));
  const found = new Set<Entry>();
  for (const entry of everybodyShifted(judged, shifts)) {
    if (known.has(entry.participant.participantId)) continue;
    found.add(entry);
    if (found.size > MAX_SHIFTED) return null;
  }
  return found;
};

const record = (
  entries: readonly (readonly [string, readonly RankMove[]])[],
): Readonly<Record<string, readonly RankMove[]>> => Object.fromEntries(entries.filter(([, moves]) => moves.length > 0));

const movesOf = ({ rank, category, sex, splits, behindMs }: AllShifts): RankMoves => {
  const named = (shifts: Named<Entry>) => record(shifts.map(([name, { moves }]) => [name, moves] as const));
  return {
    rank: rank?.moves ?? [],
    category: named(category),
    sex: named(sex),
    splits: record(splits.map(([pointId, moves]) => [pointId, moves] as const)),
    behindMs,
  };
};

/** An entry's row on the course by an estimate of the way; null: it has none. */
const courseRow = ({ plan }: Judged, entry: Entry | null, legFrom: (point: number) => Leg): OnCourseRow | null =>
  entry === null || !isOnCourse(entry)
    ? null
    : onCourseRow(plan(), entry, expectedAt(plan(), entry.last, legFrom(entry.last.point)));

interface CourseChanges {
  readonly onCourse: readonly OnCourseRow[];
  readonly offCourse: readonly string[];
}

/** Entries looked at in one step. */
const STEP = 50;

const bibsIn = (...rows: readonly (OnCourseRow | null)[]): readonly string[] =>
  rows.flatMap((row) => (row === null ? [] : [row.bib]));

/** Bibs of those whose row on the course is another one. */
function* bibsMoved(judged: Judged, changed: readonly Changed[]): Sliced<ReadonlySet<string>> {
  const { legs, onCourse, plan } = judged;
  const bibs = new Set<string>();
  let count = 0;
  for (const { before, after } of changed) {
    const [was, is] = [courseRow(judged, before, legs.settledFrom), courseRow(judged, after, legs.from)];
    if (!sameJson(was, is)) for (const bib of bibsIn(was, is)) bibs.add(bib);
    if (++count % STEP === 0) yield;
  }
  for (const point of legs.moved()) {
    const [was, is] = [legs.settledFrom(point), legs.from(point)];
    for (const { last, participant } of onCourse.behind(point)) {
      if (expectedAt(plan(), last, was) !== expectedAt(plan(), last, is)) bibs.add(participant.bib);
      if (++count % STEP === 0) yield;
    }
  }
  return bibs;
}

/** When an estimate moved, it may be that of everybody: as many as start in a marathon. */
function* courseChanges(judged: Judged, changed: readonly Changed[]): Sliced<CourseChanges> {
  const { legs, lists } = judged;
  const staying: Entry[] = [];
  const offCourse: string[] = [];
  let count = 0;
  for (const bib of yield* bibsMoved(judged, changed)) {
    const entries = lists.ofBib(bib).filter(isOnCourse);
    if (entries.length === 0) offCourse.push(bib);
    else staying.push(...entries);
    if (++count % STEP === 0) yield;
  }
  const onCourse: OnCourseRow[] = [];
  for (const entry of yield* sortSliced(staying, compareEntries)) {
    const row = courseRow(judged, entry, legs.from);
    if (row !== null) onCourse.push(row);
    if (onCourse.length % STEP === 0) yield;
  }
  return { onCourse, offCourse };
}

const leaderOf = ({ lists }: Judged): number | null => lists.rows.at(0)?.rankBy ?? null;

function* changesIn(judged: Judged, most: number): Sliced<FoldChanges> {
  const { ledger, legs, lists } = judged;
  const changed = changedIn(judged);
  if (changed.length === 0 && legs.moved().length === 0) return { type: 'none' };
  if (changed.length > most) return { type: 'all' };
  const [led, leads] = [ledger.leader(), leaderOf(judged)];
  if (led !== null && leads !== null && !areComparable(led, leads)) return { type: 'all' };
  const shifts = allShifts(judged, led === null || leads === null ? 0 : led - leads);
  const few = fewShifted(judged, shifts, changed);
  const touched = bibsOf(changed);
  const bibs = new Set([...touched, ...[...(few ?? [])].map(({ participant }) => participant.bib)]);
  const entries = [...bibs].flatMap((bib) => lists.ofBib(bib)).sort(compareEntries);
  if (entries.length > 2 * MAX_CHANGED) return { type: 'all' };
  const participants = [...changed, ...entries.map(({ participant }) => participant)];
  return {
    type: 'some',
    rows: entries.map((entry) => rowOfEntry(judged, entry)),
    gone: [...touched].filter((bib) => lists.ofBib(bib).length === 0),
    moved: few === null ? movesOf(shifts) : null,
    total: lists.rows.size(),
    ...(yield* courseChanges(judged, changed)),
    changedParticipants: [...new Set(participants.map(({ participantId }) => participantId))],
  };
}

/**
 * What changed since the last call; from now on the next one counts. More changed results than `most` are `all`. Whoever runs it in pieces must add nothing before it has
 * come to its end.
 */
export function* takeChanges(judged: Judged, most = MAX_CHANGED): Sliced<FoldChanges> {
  const { ledger, legs, lists } = judged;
  judged.settle();
  if (ledger.isEmpty()) return { type: 'none' };
  const changes: FoldChanges = ledger.isAll() ? { type: 'all' } : yield* changesIn(judged, most);
  ledger.reset(leaderOf(judged));
  lists.forgetShifts();
  legs.settleMoved();
  return changes;
}
