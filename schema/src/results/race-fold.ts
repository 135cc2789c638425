import type { Participant, ParticipantId } from '../doc/roster-doc.ts';
import { type PairKey, pairKey } from '../reads/clock.ts';
import type { Sliced } from '../roster/sliced.ts';
import { changesBetween } from './compared-changes.ts';
import { type Entry, entryOf } from './entry.ts';
import { type Fate, type FateTally, type MutableFateCounts, noFates } from './fate.ts';
import type { FoldChanges, PageQuery, RowPage } from './fold-changes.ts';
import { compareLocated, type FoldRead, type LocatedRead } from './fold-read.ts';
import { createHeldSet, type HeldSet } from './held-set.ts';
import { type Passage, passageOf } from './passage.ts';
import { type FoldInputs, planRace, type RacePlan } from './race-plan.ts';
import { type RaceResults, type ResultRow, resultsOf, type Standing, standingsOf } from './result-rows.ts';

/** A counted read: one passage of one participant over one point. */
export interface CrossingRow {
  readonly participantId: ParticipantId;
  readonly bib: string;
  readonly name: string;
  readonly pointId: string;
  /** The read that gave the time. */
  readonly read: FoldRead;
}

export interface ReadFate {
  readonly read: FoldRead;
  readonly fate: Fate;
  /** The point its stream stands at; null: none of this race's. */
  readonly pointId: string | null;
}

export interface UnknownChip {
  readonly chip: string;
  readonly reads: number;
  /** Latest receipt, ms since the Unix epoch. */
  readonly lastReceivedAt: number;
}

/**
 * The results of one race, kept up to date. Everything is a function of the inputs and the *set* of
 * reads: the order of `add` calls makes no difference, and a read that comes twice counts once.
 * New reads cost work only for their participants; ranks are made anew by `results()`.
 */
export interface RaceFold {
  readonly add: (reads: Iterable<FoldRead>) => void;
  /** Goes on with another setup, roster or zone; every read so far is judged anew. */
  readonly update: (inputs: FoldInputs) => void;
  /** The same in steps of a few milliseconds; what is asked meanwhile is answered by the inputs before. */
  readonly updateSliced: (inputs: FoldInputs) => Sliced<void>;
  /** What changed since it was asked last; the first time, since it was made. */
  readonly takeChanges: () => FoldChanges;
  /** Some of the rows of `results()`, in the same order. */
  readonly page: (query: PageQuery) => RowPage;
  /** All rows of a bib: more than one where it was given twice. */
  readonly rowsOf: (bib: string) => readonly ResultRow[];
  readonly results: () => RaceResults;
  /** The same rows with their participants. */
  readonly standings: () => readonly Standing[];
  /** Counted reads in the order of their wall times. */
  readonly crossings: () => readonly CrossingRow[];
  readonly tally: () => FateTally;
  /** The fate of every read, in no particular order. */
  readonly fates: () => Iterable<ReadFate>;
  /** Chips that nobody in the roster has; most reads first. */
  readonly unknownChips: () => readonly UnknownChip[];
}

const NOTHING_PASSED: Passage = { start: null, finish: null, splits: new Map(), reads: [], fates: [] };

interface Entrant {
  readonly participant: Participant;
  readonly reads: LocatedRead[];
  passage: Passage;
  entry: Entry;
}

interface SettledRead {
  readonly read: FoldRead;
  readonly fate: Fate;
  readonly point: number;
}

/** All that is derived of one plan; thrown away when the inputs change. */
interface Judged {
  readonly plan: RacePlan;
  readonly entrants: Map<ParticipantId, Entrant>;
  readonly dirty: Set<Entrant>;
  readonly settled: SettledRead[];
  readonly total: MutableFateCounts;
  readonly byStream: Map<string, MutableFateCounts>;
  readonly byPoint: Map<string, MutableFateCounts>;
}

const countsOf = (map: Map<string, MutableFateCounts>, key: string): MutableFateCounts => {
  const known = map.get(key);
  if (known !== undefined) return known;
  const fresh = noFates();
  map.set(key, fresh);
  return fresh;
};

const count = (judged: Judged, read: FoldRead, point: number, fate: Fate, by: 1 | -1): void => {
  judged.total[fate] += by;
  countsOf(judged.byStream, read.streamId)[fate] += by;
  const pointId = judged.plan.points[point]?.pointId;
  if (pointId !== undefined) countsOf(judged.byPoint, pointId)[fate] += by;
};

const countPassage = (judged: Judged, passage: Passage, by: 1 | -1): void => {
  for (const [index, { read, point }] of passage.reads.entries()) {
    const fate = passage.fates[index];
    if (fate !== undefined) count(judged, read, point, fate, by);
  }
};

const entrantOf = (judged: Judged, participant: Participant): Entrant => {
  const known = judged.entrants.get(participant.participantId);
  if (known !== undefined) return known;
  const passage = NOTHING_PASSED;
  const fresh = { participant, reads: [], passage, entry: entryOf(judged.plan, participant, passage) };
  judged.entrants.set(participant.participantId, fresh);
  return fresh;
};

const judge = (judged: Judged, read: FoldRead): void => {
  const place = judged.plan.place(read);
  if (place.type === 'settled') {
    judged.settled.push({ read, fate: place.fate, point: place.point });
    count(judged, read, place.point, place.fate, 1);
    return;
  }
  const entrant = entrantOf(judged, place.participant);
  entrant.reads.push({ read, wall: place.wall, point: place.point });
  judged.dirty.add(entrant);
};

const judgeAll = (inputs: FoldInputs, reads: Iterable<FoldRead>): Judged => {
  const plan = planRace(inputs);
  const judged: Judged = {
    plan,
    entrants: new Map(),
    dirty: new Set(),
    settled: [],
    total: noFates(),
    byStream: new Map(),
    byPoint: new Map(),
  };
  for (const participant of plan.listed) entrantOf(judged, participant);
  for (const read of reads) judge(judged, read);
  return judged;
};

/** Recomputes the participants that have new reads. */
const settleDirty = (judged: Judged): void => {
  for (const entrant of judged.dirty) {
    countPassage(judged, entrant.passage, -1);
    entrant.passage = passageOf(judged.plan, entrant.reads);
    entrant.entry = entryOf(judged.plan, entrant.participant, entrant.passage);
    countPassage(judged, entrant.passage, 1);
  }
  judged.dirty.clear();
};

const crossingsOf = ({ plan, entrants }: Judged): readonly CrossingRow[] => {
  const found: { readonly at: LocatedRead; readonly entry: Entry }[] = [];
  for (const { passage, entry } of entrants.values()) {
    for (const at of [passage.start, ...passage.splits.values(), passage.finish]) {
      if (at !== null) found.push({ at, entry });
    }
  }
  found.sort((a, b) => compareLocated(a.at, b.at));
  return found.map(({ at, entry }) => ({
    participantId: entry.participant.participantId,
    bib: entry.participant.bib,
    name: entry.name,
    pointId: plan.points[at.point]?.pointId ?? '',
    read: at.read,
  }));
};

function* fatesOf({ plan, entrants, settled }: Judged): Iterable<ReadFate> {
  const pointIdAt = (point: number): string | null => plan.points[point]?.pointId ?? null;
  for (const { read, fate, point } of settled) yield { read, fate, pointId: pointIdAt(point) };
  for (const { passage } of entrants.values()) {
    for (const [index, { read, point }] of passage.reads.entries()) {
      const fate = passage.fates[index];
      if (fate !== undefined) yield { read, fate, pointId: pointIdAt(point) };
    }
  }
}

const unknownChipsOf = ({ settled }: Judged): readonly UnknownChip[] => {
  const chips = new Map<string, UnknownChip>();
  for (const { read, fate } of settled) {
    if (fate !== 'unknown-chip' || read.chip === null) continue;
    const known = chips.get(read.chip);
    chips.set(read.chip, {
      chip: read.chip,
      reads: (known?.reads ?? 0) + 1,
      lastReceivedAt: Math.max(known?.lastReceivedAt ?? 0, read.receivedAt),
    });
  }
  return [...chips.values()].sort((a, b) => b.reads - a.reads || (a.chip < b.chip ? -1 : 1));
};

const copyCounts = (map: ReadonlyMap<string, MutableFateCounts>): FateTally['byStream'] =>
  new Map([...map].map(([key, counts]) => [key, { ...counts }]));

export const createRaceFold = (inputs: FoldInputs): RaceFold => {
  const reads: FoldRead[] = [];
  const held = new Map<PairKey, HeldSet>();
  let judged = judgeAll(inputs, reads);

  const isNew = ({ streamId, epoch, seq }: FoldRead): boolean => {
    const key = pairKey(streamId, epoch);
    const set = held.get(key) ?? createHeldSet();
    held.set(key, set);
    return set.add(seq);
  };

  const settled = (): Judged => {
    settleDirty(judged);
    return judged;
  };

  const standings = (): readonly Standing[] => {
    const { plan, entrants } = settled();
    return standingsOf(
      plan,
      [...entrants.values()].map(({ entry }) => entry),
    );
  };

  const update = (changed: FoldInputs): void => {
    judged = judgeAll(changed, reads);
  };

  let taken: readonly Standing[] = [];
  const takeChanges = (): FoldChanges => {
    const before = taken;
    taken = standings();
    return changesBetween(before, taken);
  };

  const page = ({ offset, limit, category, sex }: PageQuery): RowPage => {
    const isWanted = ({ row }: Standing): boolean =>
      (category === undefined || row.category === category) && (sex === undefined || row.sex === sex);
    const wanted = standings().filter(isWanted);
    return { rows: wanted.slice(offset, offset + limit).map(({ row }) => row), total: wanted.length };
  };

  return {
    add: (more) => {
      for (const read of more) {
        if (!isNew(read)) continue;
        reads.push(read);
        judge(judged, read);
      }
    },
    update,
    // biome-ignore lint/correctness/useYield: one step until what is judged anew is made of several
    updateSliced: function* (changed) {
      update(changed);
    },
    takeChanges,
    page,
    rowsOf: (bib) => standings().flatMap(({ row }) => (row.bib === bib ? [row] : [])),
    results: () => resultsOf(standings()),
    standings,
    crossings: () => crossingsOf(settled()),
    tally: () => {
      const { total, byStream, byPoint } = settled();
      return { total: { ...total }, byStream: copyCounts(byStream), byPoint: copyCounts(byPoint) };
    },
    fates: () => fatesOf(settled()),
    unknownChips: () => unknownChipsOf(judged),
  };
};

/** The same from nothing: what `createRaceFold` must always agree with. */
export const foldRace = (inputs: FoldInputs, reads: Iterable<FoldRead>): RaceResults => {
  const fold = createRaceFold(inputs);
  fold.add(reads);
  return fold.results();
};
