import type { Participant, ParticipantId } from '../../../src/doc/index.ts';
import { behindMs, type Entry, entryOf, hasResult, type Mark } from '../../../src/results/entry.ts';
import type { Fate } from '../../../src/results/fate.ts';
import { createHeldReads, isTimed } from '../../../src/results/held-reads.ts';
import type { FoldInputs, FoldRead, OnCourseRow, ResultRow, Standing } from '../../../src/results/index.ts';
import { compareBibs } from '../../../src/results/index.ts';
import { isListed, isTold, planRace, type RacePlan, strangerOf } from '../../../src/results/race-plan.ts';
import { venueClock } from '../../../src/results/venue-clock.ts';
import { type LocatedRead, type Passage, passageOf } from './naive-passage.ts';

/**
 * Results made from nothing, each number by its definition and by looking at everybody: what the incremental fold must
 * agree with. Nothing of its structures is used here; only how one passage becomes one entry is the same code.
 */
export interface NaiveResults {
  readonly standings: readonly Standing[];
  /** `stream/epoch/seq fate`, sorted. */
  readonly fates: readonly string[];
}

interface Person {
  readonly participant: Participant;
  readonly reads: LocatedRead[];
}

interface Placed {
  readonly people: ReadonlyMap<ParticipantId, Person>;
  readonly fates: string[];
}

const fateLine = ({ streamId, epoch, seq }: FoldRead, fate: Fate): string => `${streamId}/${epoch}/${seq} ${fate}`;

const listedIn = (inputs: FoldInputs): readonly Participant[] => {
  const listed = [...inputs.roster.participants.values()].filter((it) => isListed(it, inputs));
  const bibs = [...(inputs.external?.byBib.keys() ?? []), ...(inputs.external?.onCourse.keys() ?? [])];
  const known = new Set(listed.map(({ bib }) => bib));
  const strangers = [...new Set(bibs)].filter((bib) => !known.has(bib) && isTold(bib, inputs));
  return [...listed, ...strangers.map((bib) => strangerOf(bib, inputs.raceId))];
};

const placeReads = (inputs: FoldInputs, plan: RacePlan, reads: readonly FoldRead[]): Placed => {
  const people = new Map<ParticipantId, Person>();
  const fates: string[] = [];
  const personOf = (participant: Participant): Person => {
    const person = people.get(participant.participantId) ?? { participant, reads: [] };
    people.set(participant.participantId, person);
    return person;
  };
  for (const participant of listedIn(inputs)) personOf(participant);
  const held = createHeldReads(venueClock(inputs.timezone, inputs.date), inputs.setup.epochOffsets);
  for (const read of reads) {
    const kept = held.hold(read);
    if (kept === null) continue;
    const point = plan.pointOf(read.streamId, read.epoch);
    const bearer = read.chip === null ? 'unknown-chip' : plan.bearerOf(read.chip);
    if (typeof point === 'string') fates.push(fateLine(read, point));
    else if (!isTimed(kept)) fates.push(fateLine(read, 'unparsable-time'));
    else if (typeof bearer === 'string') fates.push(fateLine(read, bearer));
    else personOf(bearer).reads.push({ read: kept, wall: kept.wall, point });
  }
  return { people, fates };
};

const entryFrom = (plan: RacePlan, participant: Participant, { start, finish, splits }: Passage): Entry =>
  entryOf(plan, participant, { start, finish, splits: [...splits.values()].sort((a, b) => a.point - b.point) });

const section = ({ status, rankBy }: Entry): number =>
  status === null ? (rankBy === null ? 1 : 0) : { DNF: 2, DSQ: 3, DNS: 4 }[status];

const compareUnderWay = (a: Entry, b: Entry): number =>
  Number(b.finished) - Number(a.finished) ||
  (b.last?.point ?? -1) - (a.last?.point ?? -1) ||
  (a.last?.wall ?? 0) - (b.last?.wall ?? 0);

const compareRows = (a: Entry, b: Entry): number =>
  section(a) - section(b) ||
  (section(a) === 0 ? (a.rankBy ?? 0) - (b.rankBy ?? 0) : 0) ||
  (section(a) === 1 ? compareUnderWay(a, b) : 0) ||
  compareBibs(a.participant.bib, b.participant.bib) ||
  (a.participant.participantId < b.participant.participantId ? -1 : 1);

const rankAmong = (rankBy: number | null, others: readonly Entry[]): number | null =>
  rankBy === null ? null : 1 + others.filter((it) => it.rankBy !== null && it.rankBy < rankBy).length;

const markValue = (plan: RacePlan, { elapsedMs, wall }: Mark): number | null => elapsedMs ?? (plan.timed ? null : wall);

const isIn = ({ status }: Entry): boolean => status !== 'DSQ' && status !== 'DNS';

/** Times at a split point of everybody who counts there. */
const valuesAt = (plan: RacePlan, entries: readonly Entry[], point: number): readonly (readonly [number, Entry])[] =>
  entries.filter(isIn).flatMap((entry) => {
    const mark = entry.splits.find((it) => it.point === point);
    const value = mark === undefined ? null : markValue(plan, mark);
    return value === null ? [] : [[value, entry] as const];
  });

const splitRank = (plan: RacePlan, entry: Entry, mark: Mark, entries: readonly Entry[]): number | null => {
  const value = isIn(entry) ? markValue(plan, mark) : null;
  return value === null ? null : 1 + valuesAt(plan, entries, mark.point).filter(([other]) => other < value).length;
};

const rowOf = (plan: RacePlan, entry: Entry, entries: readonly Entry[]): ResultRow => {
  const { participant, category, rankBy } = entry;
  const alike = (same: (it: Entry) => boolean): readonly Entry[] => entries.filter(same);
  const values = entries.flatMap((it) => it.rankBy ?? []);
  return {
    raceId: plan.raceId,
    bib: participant.bib,
    name: entry.name,
    club: participant.club,
    category,
    sex: participant.sex,
    status: entry.status,
    rank: rankAmong(rankBy, entries),
    categoryRank:
      category === null
        ? null
        : rankAmong(
            rankBy,
            alike((it) => it.category === category),
          ),
    sexRank:
      participant.sex === null
        ? null
        : rankAmong(
            rankBy,
            alike((it) => it.participant.sex === participant.sex),
          ),
    gunMs: entry.gunMs,
    chipMs: entry.chipMs,
    behindMs: values.length === 0 ? null : behindMs(rankBy, Math.min(...values)),
    splits: entry.splits.map((mark) => ({
      pointId: plan.points[mark.point]!.pointId,
      name: plan.points[mark.point]!.name,
      elapsedMs: mark.elapsedMs,
      rank: splitRank(plan, entry, mark, entries),
    })),
    updatedAt: entry.updatedAt,
  };
};

const markAt = (plan: RacePlan, entry: Entry, point: number): Mark | null => {
  const kind = plan.points[point]?.kind;
  if (kind === 'start') return entry.start;
  if (kind === 'finish') return entry.finish;
  return isIn(entry) ? (entry.splits.find((it) => it.point === point) ?? null) : null;
};

/** Those who passed a point, by their time there; `entries` are in the order of rows. */
const passedBy = (plan: RacePlan, entries: readonly Entry[], point: number): readonly Entry[] => {
  if (plan.points[point]?.kind === 'finish') return entries.filter((it) => it.rankBy !== null);
  const byId = (a: Entry, b: Entry): number => (a.participant.participantId < b.participant.participantId ? -1 : 1);
  return [...valuesAt(plan, entries, point)].sort(([a, x], [b, y]) => a - b || byId(x, y)).map(([, entry]) => entry);
};

const median = (values: readonly number[]): number | null =>
  values.length === 0 ? null : Number([...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!.toPrecision(3));

const expectedMs = (plan: RacePlan, last: Mark, next: number, entries: readonly Entry[]): number | null => {
  const all = passedBy(plan, entries, next);
  const head = all.length === 0 ? 0 : 2 ** Math.floor(Math.log2(all.length));
  const sample = Math.min(head, 64);
  const ways: { readonly a: Mark; readonly ms: number }[] = [];
  for (let nth = 0; nth < sample; nth++) {
    const entry = all[Math.floor(((nth + 0.5) * head) / sample)]!;
    const [a, b] = [markAt(plan, entry, last.point), markAt(plan, entry, next)];
    if (a !== null && b !== null && b.wall > a.wall) ways.push({ a, ms: b.wall - a.wall });
  }
  if (last.elapsedMs === null) return null;
  if (plan.points[last.point]?.kind === 'split' && last.elapsedMs > 0) {
    const share = median(ways.flatMap(({ a, ms }) => ((a.elapsedMs ?? 0) > 0 ? [ms / a.elapsedMs!] : [])));
    return share === null ? null : Math.round((last.elapsedMs + share * last.elapsedMs) / 1000) * 1000;
  }
  const duration = median(ways.map(({ ms }) => ms));
  return duration === null ? null : Math.round((last.elapsedMs + duration) / 1000) * 1000;
};

const courseRow = (plan: RacePlan, entry: Entry, entries: readonly Entry[]): OnCourseRow | null => {
  const { last } = entry;
  if (entry.finished || entry.status !== null || last === null) return null;
  const next = plan.points.findIndex(({ kind }, index) => index > last.point && kind !== 'start');
  return {
    raceId: plan.raceId,
    bib: entry.participant.bib,
    name: entry.name,
    lastPoint: plan.points[last.point]?.pointId ?? plan.external.onCourse.get(entry.participant.bib)?.lastPoint ?? '',
    elapsedMs: last.elapsedMs,
    nextPoint: plan.points[next]?.pointId ?? null,
    expectedMs: next === -1 ? null : expectedMs(plan, last, next, entries),
  };
};

export const naiveFold = (inputs: FoldInputs, reads: readonly FoldRead[]): NaiveResults => {
  const plan = planRace(inputs, venueClock(inputs.timezone, inputs.date));
  const { people, fates } = placeReads(inputs, plan, reads);
  const entries: Entry[] = [];
  for (const person of people.values()) {
    const passage = passageOf(plan, person.reads);
    for (const [index, { read }] of passage.reads.entries()) {
      fates.push(`${read.source.streamId}/${read.source.epoch}/${read.seq} ${passage.fates[index]}`);
    }
    entries.push(entryFrom(plan, person.participant, passage));
  }
  const shown = entries.filter(hasResult).sort(compareRows);
  return {
    standings: shown.map((entry) => ({
      participantId: entry.participant.participantId,
      row: rowOf(plan, entry, shown),
      onCourse: courseRow(plan, entry, shown),
    })),
    fates: fates.sort(),
  };
};
