import type { EventStatus, ResultRow } from './public-body.ts';

/** How far a runner is, as far as anybody is told. */
export type Phase = 'waiting' | 'started' | 'finished';

export const phaseOf = (rows: readonly ResultRow[]): Phase => {
  const row = rows[0];
  if (row === undefined || row.status !== null) return 'waiting';
  return row.rank !== null || row.chipMs !== null || row.gunMs !== null ? 'finished' : 'started';
};

export type News =
  | { readonly type: 'started' | 'finished'; readonly key: string; readonly name: string; readonly row: ResultRow }
  | { readonly type: 'official' };

/** What was known when somebody was told last. */
export interface Told {
  readonly status: EventStatus | null;
  readonly phases: ReadonlyMap<string, Phase>;
  /** When something of this kind was told of a runner, by key and kind. */
  readonly at: ReadonlyMap<string, number>;
}

export const NOTHING_TOLD: Told = { status: null, phases: new Map(), at: new Map() };

/** A result that is corrected forth and back is told once. */
export const COOL_DOWN_MS = 30_000;

export interface Followed {
  readonly key: string;
  readonly name: string;
  /** Null: not known yet. */
  readonly rows: readonly ResultRow[] | null;
}

const ORDER: Readonly<Record<Phase, number>> = { waiting: 0, started: 1, finished: 2 };

/** What is new since the last time. What is seen first is how things stand, not news. */
export const newsSince = (
  told: Told,
  now: { readonly status: EventStatus; readonly followed: readonly Followed[]; readonly at: number },
): { readonly news: readonly News[]; readonly told: Told } => {
  const phases = new Map<string, Phase>();
  const at = new Map(told.at);
  const news: News[] = [];
  for (const { key, name, rows } of now.followed) {
    const before = told.phases.get(key);
    const phase = rows === null ? before : phaseOf(rows);
    if (phase === undefined) continue;
    phases.set(key, phase);
    const row = rows?.[0];
    if (before === undefined || row === undefined || phase === 'waiting' || ORDER[phase] <= ORDER[before]) continue;
    const kind = `${phase} ${key}`;
    if (now.at - (at.get(kind) ?? Number.NEGATIVE_INFINITY) < COOL_DOWN_MS) continue;
    at.set(kind, now.at);
    news.push({ type: phase, key, name, row });
  }
  if (now.status === 'official' && told.status !== null && told.status !== 'official') news.push({ type: 'official' });
  return { news, told: { status: now.status, phases, at } };
};
