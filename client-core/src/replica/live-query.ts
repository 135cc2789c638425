import type { Timer, Timers } from '@baton/schema/ports';
import type { Result } from '@baton/schema/result';
import type { QueryFailure, QueryRows, Replica, ReplicaChange } from './replica.ts';

export interface LiveQueryOptions {
  readonly timers: Timers;
  /** After an answer it is not asked again within this time, in ms: changes meanwhile are answered together. 250 by default. */
  readonly coalesceMs?: number;
}

export type LiveListener = (rows: Result<QueryRows, QueryFailure>) => void;

export interface LiveQuery {
  /** No answer comes after it. */
  readonly stop: () => void;
}

const DEFAULT_COALESCE_MS = 250;
/** Changes that come together are answered together. */
const SOON_MS = 20;
/** After a replica that was being reopened; twice as long after each further time. */
const RETRY_MS = { first: 500, most: 30_000 } as const;

type ChangeType = ReplicaChange['type'];

const SETUP_CHANGES: readonly ChangeType[] = ['setup'];
const RESULT_CHANGES: readonly ChangeType[] = ['results'];

/** What changes a table; one that is not here may change with anything. */
const CHANGES_OF: Readonly<Record<string, readonly ChangeType[]>> = {
  reads: ['reads'],
  clock: ['reads'],
  chip_totals: ['reads'],
  epochs: ['setup', 'targets', 'checked', 'reads'],
  event: SETUP_CHANGES,
  rules: SETUP_CHANGES,
  races: SETUP_CHANGES,
  points: SETUP_CHANGES,
  categories: SETUP_CHANGES,
  streams: SETUP_CHANGES,
  mappings: SETUP_CHANGES,
  clock_offsets: SETUP_CHANGES,
  participants: SETUP_CHANGES,
  chips: SETUP_CHANGES,
  corrections: SETUP_CHANGES,
  results: RESULT_CHANGES,
  splits: RESULT_CHANGES,
  crossings: RESULT_CHANGES,
  on_course: RESULT_CHANGES,
  read_fates: RESULT_CHANGES,
};

/** Names of the tables in a plan as `EXPLAIN (FORMAT JSON)` gives it; views are tables there already. */
const relationsIn = (plan: unknown, found: Set<string> = new Set()): ReadonlySet<string> => {
  if (typeof plan !== 'object' || plan === null) return found;
  for (const [key, value] of Object.entries(plan)) {
    if (key === 'Relation Name' && typeof value === 'string') found.add(value);
    else relationsIn(value, found);
  }
  return found;
};

/** Null: any change may concern it. */
type Concerns = ReadonlySet<ChangeType> | null;

const concernsOf = async (replica: Replica, sql: string, params: readonly unknown[]): Promise<Concerns> => {
  const plan = await replica.query(`EXPLAIN (FORMAT JSON) ${sql}`, params);
  if (!plan.ok) return null;
  const concerns = new Set<ChangeType>(['rebuilt']);
  for (const relation of relationsIn(plan.value)) {
    const changes = Object.hasOwn(CHANGES_OF, relation) ? CHANGES_OF[relation] : undefined;
    if (changes === undefined) return null;
    for (const change of changes) concerns.add(change);
  }
  return concerns;
};

/**
 * Keeps a query answered: it is asked at once, and again soon after a change of what it reads, a burst of them as one. It is never
 * asked twice at the same time. Failures are answers too; while the replica is being reopened it is asked again.
 */
export const liveQuery = (
  replica: Replica,
  sql: string,
  params: readonly unknown[],
  listener: LiveListener,
  { timers, coalesceMs = DEFAULT_COALESCE_MS }: LiveQueryOptions,
): LiveQuery => {
  /** Undefined: not known yet. */
  let concerns: Concerns | undefined;
  let timer: Timer | null = null;
  let running = false;
  let stale = false;
  let stopped = false;
  let retryMs: number = RETRY_MS.first;
  /** Not asked again before. */
  let restedAt = timers.mono();

  const ask = async (): Promise<Result<QueryRows, QueryFailure>> => {
    concerns ??= await concernsOf(replica, sql, params);
    return replica.query(sql, params);
  };

  const run = async (): Promise<void> => {
    timer = null;
    running = true;
    stale = false;
    const answer = await ask();
    running = false;
    restedAt = timers.mono() + coalesceMs;
    if (stopped) return;
    const isLost = !answer.ok && answer.error.type === 'lost';
    if (isLost) concerns = undefined;
    if (stale) scheduleNext();
    else if (isLost) schedule(retryMs);
    retryMs = isLost ? Math.min(RETRY_MS.most, retryMs * 2) : RETRY_MS.first;
    listener(answer);
  };

  const schedule = (ms: number): void => {
    timer ??= timers.after(ms, () => void run());
  };

  const scheduleNext = (): void => schedule(Math.max(Math.min(SOON_MS, coalesceMs), restedAt - timers.mono()));

  const forget = replica.onChange(({ type }) => {
    if (concerns != null && !concerns.has(type)) return;
    if (running) stale = true;
    else scheduleNext();
  });
  void run();

  return {
    stop: () => {
      stopped = true;
      timer?.clear();
      forget();
    },
  };
};
