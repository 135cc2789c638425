import type { Timers } from '@baton/schema/ports';
import { effect } from '@preact/signals';
import type { Attention } from '../platform/attention.ts';
import type { KnownValues } from '../platform/known-values.ts';
import { listOf, shapedAs } from '../platform/shape.ts';
import type { EventSource } from './event-source.ts';
import { decodeFull, type FullData } from './feed-body.ts';
import { type FeedState, headKey, takeFrame } from './feed-state.ts';
import { listKey } from './list-follower.ts';
import { ResultRow } from './public-body.ts';
import { isEverybody, ROWS_OF_ONE, type RowWindow, windowOf } from './row-window.ts';

/** What the device keeps of an event, to open with where there is no network: the head of each race, and single runners. */
export interface KeptEvent {
  readonly full: FullData;
  readonly singles: readonly ResultRow[];
}

/** A device keeps some 100 KB of an event, whatever its size. */
const MAX_ROWS = 200;
const MAX_ON_COURSE = 50;

const isSingle = (window: RowWindow): boolean => window.filter.bib !== null;

export const keptOf = (state: FeedState): KeptEvent => {
  const each = Math.floor(MAX_ROWS / Math.max(1, state.races.length));
  const heads = state.races.map(({ raceId }) => ({ raceId, head: longest(state, raceId) }));
  const totals = heads.map(({ raceId, head }) => [
    raceId,
    { results: head?.total ?? 0, oncourse: state.onCourseTotals.get(raceId) ?? 0 },
  ]);
  const { hub, version, event, races, asOf, venue } = state;
  return {
    full: {
      hub,
      version,
      event,
      races,
      asOf,
      venue,
      results: heads.flatMap(({ head }) => head?.rows.slice(0, each) ?? []),
      oncourse: state.onCourse.slice(0, MAX_ON_COURSE),
      totals: Object.fromEntries(totals),
    },
    singles: [...state.windows.values()].filter(isSingle).flatMap((it) => it.rows),
  };
};

/** The head of a race; where there is no feed, the list of everybody that was asked for. */
const longest = (state: FeedState, raceId: string): RowWindow | undefined =>
  state.windows.get(headKey(raceId)) ??
  [...state.windows.values()].find(({ filter }) => filter.raceId === raceId && isEverybody(filter));

/** What was kept, as if it had just come; null for anything that is not of this version. */
export const decodeKept = (body: unknown): FeedState | null => {
  if (typeof body !== 'object' || body === null) return null;
  const full = decodeFull(Reflect.get(body, 'full'));
  const singles = shapedAs(listOf(ResultRow), Reflect.get(body, 'singles'));
  const step = full === null ? null : takeFrame(null, { type: 'full', data: full });
  if (step?.type !== 'held' || singles === null) return null;
  const windows = new Map(step.state.windows);
  for (const row of singles) {
    const filter = { raceId: row.raceId, category: null, sex: null, search: '', bib: row.bib };
    const own = singles.filter((it) => it.raceId === row.raceId);
    const page = { data: own, total: own.length, asOf: null, hub: null, version: null };
    windows.set(listKey({ filter, limit: ROWS_OF_ONE }), windowOf(filter, ROWS_OF_ONE, page, step.state.version));
  }
  return { ...step.state, windows };
};

const eventName = (eventId: string): string => `event ${eventId}`;

/** How often what is held is kept on the device, at most. */
const KEEP_MS = 15_000;

export interface KeepDeps {
  readonly known: KnownValues;
  readonly source: Pick<EventSource, 'state' | 'link' | 'confirmedAt' | 'recall'>;
  readonly timers: Timers;
  readonly attention: Attention;
}

/** Shows what the device kept of an event, and keeps what is held from now on, with its age. */
export const keepEvent = ({ known, source, timers, attention }: KeepDeps, eventId: string): void => {
  const { value, confirmedAt } = known.recall(eventName(eventId), decodeKept);
  if (value !== null && confirmedAt !== null) source.recall(value, confirmedAt);
  const keep = (): void => {
    const [state, at] = [source.state.peek(), source.confirmedAt.peek()];
    // what the page came with, or the device kept, is less than what the relay is about to tell
    if (source.link.peek().type === 'connecting') return;
    if (state !== null && at !== null) known.keep(eventName(eventId), keptOf(state), at);
  };
  timers.every(KEEP_MS, keep);
  attention.onChange(keep);
  effect(() => {
    if (source.link.value.type !== 'connecting') keep();
  });
};
