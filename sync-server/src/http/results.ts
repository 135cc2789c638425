import type { ResultRow } from '@baton/schema/http';
import { RaceId } from '@baton/schema/ids';
import type { Pace } from '@baton/schema/roster';
import { runAtOnce, runPaced, type Sliced } from '@baton/schema/roster';
import { findEvent, raceIn } from '../auth/lookups.ts';
import type { Desk } from '../spectators/desk.ts';
import { HubDown } from '../spectators/event-hub.ts';
import type { FrozenLists } from '../spectators/frozen-lists.ts';
import type { RowSnapshot } from '../spectators/row-snapshots.ts';
import type { EventRecord } from '../storage/records.ts';
import type { HttpContext } from './context.ts';
import {
  type Cutout,
  cutOut,
  isHeld as isAmong,
  ListQuery,
  listReply,
  notModified,
  type Stamp,
  weakTag,
} from './listing.ts';
import { PAGE } from './long-json.ts';
import { type Reply, type Route, refuse, refused, route } from './route.ts';

const NO_RACE: Reply = refuse('NOT_FOUND', 'there is no such race');
const DOWN: Reply = refuse('UNAVAILABLE', 'the results cannot be computed right now: try again in a few seconds');

/** What stands for a race's rows: their stamp, and those that are asked for or how to find them. */
interface StampedRows<Row> {
  readonly stamp: Stamp;
  readonly rows: Cutout<Row> | (() => Promise<Cutout<Row>>);
}

interface RaceCall {
  readonly event: EventRecord;
  readonly raceId: RaceId;
  readonly query: ListQuery;
  /** Whether the asker has these rows already. */
  readonly isHeld: (stamp: Stamp) => boolean;
}

const NO_ROWS: Cutout<never> = { data: [], total: 0 };

/** Of results that are official nothing moves any more. */
export const frozenStamp = ({ record }: FrozenLists, list: string): Stamp => ({
  asOf: record.officialAt,
  hub: record.hash.slice(0, 32),
  version: 1,
  etag: weakTag(record.hash.slice(0, 32), list),
});

/** Whether all rows are to be gone through. */
const isSearch = ({ q, bib, limit }: ListQuery): boolean => bib === undefined && (q !== undefined || limit > PAGE);

const stampOf = (it: Pick<RowSnapshot, 'hub' | 'version' | 'asOf' | 'changedAt'>): Stamp => ({
  asOf: it.asOf,
  hub: it.hub,
  version: it.version,
  etag: weakTag(it.hub, it.changedAt),
});

/** A page that is made at once, in a few milliseconds; and rows of a longer one made in one step. */
const SHORT = 250;
const STEP = 25;

/** A page out of the fold, of the same moment as its stamp: nothing may be taken in before it is whole. */
function* pageSliced(
  { hub }: Desk,
  { raceId, query, isHeld }: RaceCall,
  pace: Pace,
): Sliced<StampedRows<ResultRow> | null> {
  const cut = hub.race(raceId);
  if (cut === null) return null;
  const stamp = stampOf(cut);
  if (isHeld(stamp)) return { stamp, rows: NO_ROWS };
  if (query.bib !== undefined) {
    const rows = cut.live.fold.rowsOf(query.bib);
    return { stamp, rows: () => cutOut(rows, query, pace) };
  }
  const { category, sex, limit, offset } = query;
  const filter = { ...(category === undefined ? {} : { category }), ...(sex === undefined ? {} : { sex }) };
  const data: ResultRow[] = [];
  for (;;) {
    const wanted = Math.min(STEP, limit - data.length);
    const { rows, total } = cut.live.fold.page({ offset: offset + data.length, limit: wanted, ...filter });
    data.push(...rows);
    if (rows.length < wanted || data.length >= limit) return { stamp, rows: { data, total } };
    yield;
  }
}

/** Results of a race as they are now: a page out of the fold, or a search through all of them. */
const liveResults = async (desk: Desk, call: RaceCall, pace: Pace): Promise<StampedRows<ResultRow> | null> => {
  const { hub, snapshots } = desk;
  if (isSearch(call.query)) {
    const snapshot = await snapshots.of(call.raceId);
    return snapshot === null ? null : { stamp: stampOf(snapshot), rows: () => cutOut(snapshot.rows, call.query, pace) };
  }
  if (call.query.limit <= SHORT) return hub.read(() => runAtOnce(pageSliced(desk, call, pace)));
  await hub.read(() => null);
  return hub.between(() => runPaced(pageSliced(desk, call, pace), pace));
};

const officialResults = (
  lists: FrozenLists,
  raceId: RaceId,
  query: ListQuery,
  pace: Pace,
): StampedRows<ResultRow> | null => {
  const race = lists.races.get(raceId);
  if (race === undefined) return null;
  return { stamp: frozenStamp(lists, 'results'), rows: () => cutOut(race.rows, query, pace) };
};

const withoutSplits = (row: ResultRow): ResultRow => ({ ...row, splits: [] });

const showing = (query: ListQuery): ((row: ResultRow) => ResultRow) =>
  query.detailed === 'false' || query.detailed === '0' ? withoutSplits : (row) => row;

/** Answers with `down` while the results cannot be computed. */
export const unlessDown = async (answer: () => Promise<Reply>): Promise<Reply> => {
  try {
    return await answer();
  } catch (error) {
    if (error instanceof HubDown) return DOWN;
    throw error;
  }
};

/** The list of an event that became official; null: its results are still made, or were never kept. */
export const frozenOf = async ({ core }: Pick<HttpContext, 'core'>, event: EventRecord): Promise<FrozenLists | null> =>
  event.status === 'official' ? core.spectators.frozen(event.eventId) : null;

const raceList = <Row>(
  context: HttpContext,
  path: string,
  load: (call: RaceCall) => Promise<StampedRows<Row> | null>,
  show: (query: ListQuery) => (row: Row) => Row,
): Route =>
  route({
    method: 'get',
    path,
    action: 'event.read',
    query: ListQuery,
    run: async ({ grant, params, query, ifNoneMatch }): Promise<Reply> => {
      const found = findEvent(context.core, grant, 'event.read', params['eventId']);
      if (!found.ok) return refused(found.error);
      const event = found.value;
      const raceId = RaceId.safeParse(params['raceId']);
      // says what is wrong with an id that is none
      const wrongId = raceIn(await context.setups.read(event.eventId), params['raceId']);
      if (!raceId.success) return wrongId.ok ? NO_RACE : refused(wrongId.error);
      return unlessDown(async () => {
        const isHeld = ({ etag }: Stamp): boolean => isAmong(ifNoneMatch, etag);
        const list = await load({ event, raceId: raceId.data, query, isHeld });
        if (list === null) return wrongId.ok ? NO_RACE : refused(wrongId.error);
        if (isHeld(list.stamp)) return notModified(event, list.stamp);
        const { data, total } = typeof list.rows === 'function' ? await list.rows() : list.rows;
        return listReply(event, { data: data.map(show(query)), total }, list.stamp, context.core.pace);
      });
    },
  });

/** What spectators see of a race. */
export const resultRoutes = (context: HttpContext): readonly Route[] => {
  const { spectators } = context.core;
  const pace = context.core.pace;
  return [
    raceList(
      context,
      '/api/v1/events/:eventId/results/:raceId',
      async (call) => {
        const lists = await frozenOf(context, call.event);
        if (lists !== null) return officialResults(lists, call.raceId, call.query, pace);
        return liveResults(spectators.desk(call.event.eventId), call, pace);
      },
      showing,
    ),
    raceList(
      context,
      '/api/v1/events/:eventId/startlist/:raceId',
      async ({ event, raceId, query }) => {
        const lists = await frozenOf(context, event);
        const starters = lists?.races.get(raceId)?.starters ?? null;
        if (lists !== null && starters !== null) {
          return { stamp: frozenStamp(lists, 'start'), rows: () => cutOut(starters, query, pace) };
        }
        const { hub, startList } = spectators.desk(event.eventId);
        const now = await hub.read(() => ({ cut: hub.race(raceId), inputs: hub.inputs() }));
        if (now.cut === null) return null;
        const { rows, version } = await startList(now.inputs, raceId);
        const { asOf, hub: id } = now.cut;
        const stamp = { asOf, hub: id, version: now.cut.version, etag: weakTag(id, 'start', version) };
        return { stamp, rows: () => cutOut(rows, query, pace) };
      },
      () => (row) => row,
    ),
  ];
};
