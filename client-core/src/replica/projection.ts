import type { RaceId } from '@baton/schema/ids';
import { type Pair, type PairKey, pairKey, type VectorClock } from '@baton/schema/reads';
import type { FoldInputs, FoldRead } from '@baton/schema/results';
import type { PGliteInterface, Transaction } from '@electric-sql/pglite';
import type { ApplyPlan } from './apply-plan.ts';
import { selectColumns } from './json-columns.ts';
import { type Behind, createRaceProjection, type RaceChange, type RaceProjection } from './race-projection.ts';
import type { ResultsState } from './replica.ts';
import { RESULT_TABLES } from './result-tables.ts';
import { putResultsMeta, type ResultsMeta, readResultsMeta } from './results-meta.ts';
import type { StoredSetup } from './setup-from-rows.ts';

/** What one step did. */
export type ProjectStep =
  /** There is more to do. */
  | { readonly type: 'more' }
  /** The tables are what reads and setup say; `changed`: they were not before this step. */
  | { readonly type: 'current'; readonly changed: boolean };

/**
 * Keeps the tables of results at what the fold of `@baton/schema/results` says of the reads and the setup in the other
 * tables. It works in steps, each bounded by a page of reads or by one race, so that reads are stored in between; its
 * result is written with the position it stands for, so that a kill at any instant leaves a former state and its position.
 */
export interface Projection {
  readonly step: () => Promise<ProjectStep>;
  /**
   * A step that writes nothing; false: all is taken. Reads that are stored after it need not be read from the tables again: worth it
   * before results are wanted.
   */
  readonly prepare: () => Promise<boolean>;
  readonly state: () => Promise<ResultsState>;
  /** These reads were just stored. */
  readonly stored: (plan: ApplyPlan) => void;
  /** The tables of the setup changed. */
  readonly setupChanged: () => void;
  readonly dropped: (pair: Pair) => void;
}

export interface ProjectionSource {
  readonly db: PGliteInterface;
  readonly clock: VectorClock;
  readonly lastPos: () => number;
  readonly readSetup: () => Promise<StoredSetup>;
}

/**
 * Reads taken from the tables in one step: more than come between two steps while history does (a transaction of 20,000 at most), else
 * the folds would run after them to the end, and every read would be written and read again.
 */
const PAGE = 32_768;

const PAGE_COLUMNS = ['seq', 'chip', 'reader_time', 'received_at', 'kind'] as const;
const PAGE_OF_PAIR = `SELECT ${PAGE_COLUMNS.join(', ')} FROM reads
  WHERE stream_id = $1 AND epoch = $2 AND seq > $3 ORDER BY seq LIMIT $4`;

interface PageLists {
  readonly seq: readonly number[];
  readonly chip: readonly (string | null)[];
  readonly reader_time: readonly (string | null)[];
  readonly received_at: readonly number[];
  readonly kind: readonly string[];
}

const readPage = async (db: PGliteInterface, { pair, afterSeq }: Behind): Promise<readonly FoldRead[]> => {
  const { streamId, epoch } = pair;
  const params = [streamId, epoch, afterSeq, PAGE];
  // the columns have these types in the table
  const lists = (await selectColumns(db, PAGE_COLUMNS, PAGE_OF_PAIR, params)) as PageLists;
  return lists.seq.map((seq, index) => ({
    streamId,
    epoch,
    seq,
    chip: lists.chip[index] ?? null,
    readerTime: lists.reader_time[index] ?? null,
    receivedAt: lists.received_at[index] ?? 0,
    kind: lists.kind[index] ?? '',
  }));
};

const pairsByRace = ({ setup }: StoredSetup): ReadonlyMap<RaceId, ReadonlySet<PairKey>> => {
  const pairs = new Map<RaceId, Set<PairKey>>([...setup.races.keys()].map((raceId) => [raceId, new Set()]));
  for (const [key, raceId] of setup.epochRaces) pairs.get(raceId)?.add(key);
  return pairs;
};

/** Rows of races that are no more. */
const dropOthers = async (tx: Transaction, raceIds: readonly RaceId[]): Promise<number> => {
  let rows = 0;
  for (const table of RESULT_TABLES) {
    rows += (await tx.query(`DELETE FROM ${table} WHERE race_id <> ALL ($1::text[])`, [raceIds])).affectedRows ?? 0;
  }
  return rows;
};

const NO_PAIRS: ReadonlySet<PairKey> = new Set();

export const createProjection = (source: ProjectionSource): Projection => {
  const { db, clock } = source;
  const races = new Map<RaceId, RaceProjection>();
  /** Null: to be read again. */
  let stored: StoredSetup | null = null;
  /** Races that have not seen the setup as it is. */
  const stale = new Set<RaceId>();
  let meta: ResultsMeta | null = null;
  /** The tables have no rows of other races. */
  let swept = false;

  const known = async (): Promise<ResultsMeta> => {
    meta ??= await readResultsMeta(db);
    return meta;
  };

  const isCurrent = ({ pos, inputs, currentInputs }: ResultsMeta): boolean =>
    pos === source.lastPos() && inputs === currentInputs;

  const inputsOf = ({ setup, roster, event }: StoredSetup, raceId: RaceId): FoldInputs => ({
    raceId,
    setup,
    roster,
    timezone: event?.timezone ?? 'UTC',
    date: event?.date ?? '1970-01-01',
  });

  const takeSetup = async (): Promise<StoredSetup> => {
    const setup = await source.readSetup();
    const wanted = setup.event === null ? [] : [...setup.setup.races.keys()];
    for (const raceId of races.keys()) if (!wanted.includes(raceId)) races.delete(raceId);
    stale.clear();
    for (const raceId of wanted) stale.add(raceId);
    stored = setup;
    swept = false;
    return setup;
  };

  const refreshRace = (raceId: RaceId, setup: StoredSetup): void => {
    stale.delete(raceId);
    const [inputs, pairs] = [inputsOf(setup, raceId), pairsByRace(setup).get(raceId) ?? NO_PAIRS];
    if (races.get(raceId)?.update(inputs, pairs) !== true) races.set(raceId, createRaceProjection(inputs, pairs));
  };

  const feedNext = async (): Promise<boolean> => {
    for (const race of races.values()) {
      const behind = race.behind(clock);
      if (behind === null) continue;
      const reads = await readPage(db, behind);
      race.feed(behind.key, reads, reads.at(-1)?.seq ?? clock.get(behind.key) ?? 0);
      return true;
    }
    return false;
  };

  /** Everything read by now is in the folds: their difference to the tables, with the position. */
  const write = async (inputs: number): Promise<boolean> => {
    const pos = source.lastPos();
    const changes: RaceChange[] = [];
    for (const race of races.values()) if (race.isDirty()) changes.push(await race.change(db));
    const gone = await db.transaction(async (tx) => {
      const dropped = swept ? 0 : await dropOthers(tx, [...races.keys()]);
      for (const change of changes) await change.write(tx);
      await putResultsMeta(tx, pos, inputs);
      return dropped;
    });
    swept = true;
    for (const change of changes) change.accept();
    meta = { pos, inputs, currentInputs: inputs };
    return gone > 0 || changes.some((change) => !change.isEmpty);
  };

  /** False: the folds have the setup and all reads. */
  const prepare = async (): Promise<boolean> => {
    const setup = stored ?? (await takeSetup());
    const [next] = stale;
    if (next === undefined) return feedNext();
    refreshRace(next, setup);
    return true;
  };

  const step = async (): Promise<ProjectStep> => {
    const now = await known();
    if (isCurrent(now)) return { type: 'current', changed: false };
    if (await prepare()) return { type: 'more' };
    return { type: 'current', changed: await write(now.currentInputs) };
  };

  return {
    step,
    prepare,
    state: async () => {
      const now = await known();
      return { pos: now.pos, endPos: source.lastPos(), current: isCurrent(now) };
    },
    stored: ({ runs }) => {
      for (const run of runs) {
        const key = pairKey(run.streamId, run.epoch);
        for (const race of races.values()) race.follow(key, run);
      }
    },
    setupChanged: () => {
      stored = null;
      meta = null;
    },
    dropped: (pair) => {
      const key = pairKey(pair.streamId, pair.epoch);
      for (const race of [...races.values()]) {
        if (!race.has(key)) continue;
        races.delete(race.raceId);
        stale.add(race.raceId);
      }
      meta = null;
    },
  };
};
