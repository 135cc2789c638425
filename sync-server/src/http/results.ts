import type { ResultRow } from '@baton/schema/http';
import { RaceId } from '@baton/schema/ids';
import type { Desk } from '../spectators/desk.ts';
import { HubDown } from '../spectators/event-hub.ts';
import type { FrozenLists } from '../spectators/frozen-lists.ts';
import type { EventRecord } from '../storage/records.ts';
import type { HttpContext } from './context.ts';
import {
  type Cutout,
  cutOut,
  isHeld,
  ListQuery,
  listReply,
  notModified,
  PIECE,
  type Stamp,
  weakTag,
} from './listing.ts';
import { findEvent, raceIn } from './lookups.ts';
import { type Reply, type Route, refuse, refused, route } from './route.ts';

const NO_RACE: Reply = refuse('NOT_FOUND', 'there is no such race');
const DOWN: Reply = refuse('UNAVAILABLE', 'the results cannot be computed right now: try again in a few seconds');

/** What stands for a race's rows: their stamp, and how to get those that are asked for. */
export interface StampedRows<Row> {
  readonly stamp: Stamp;
  readonly rows: () => Promise<Cutout<Row>>;
}

/** Of results that are official nothing moves any more. */
export const frozenStamp = ({ record }: FrozenLists, list: string): Stamp => ({
  asOf: record.officialAt,
  hub: record.hash.slice(0, 32),
  version: 1,
  etag: weakTag(record.hash.slice(0, 32), list),
});

const isSearch = ({ q, limit }: ListQuery): boolean => q !== undefined || limit > PIECE;

/** Results of a race as they are now: a page out of the fold, or a search through all of them. */
const liveResults = async (
  { hub, snapshots }: Desk,
  raceId: RaceId,
  query: ListQuery,
  pause: () => Promise<void>,
): Promise<StampedRows<ResultRow> | null> => {
  await hub.settled();
  const cut = hub.race(raceId);
  if (cut === null) return null;
  const stampOf = (it: {
    readonly hub: string;
    readonly version: number;
    readonly asOf: number;
    readonly changedAt: number;
  }) => ({
    asOf: it.asOf,
    hub: it.hub,
    version: it.version,
    etag: weakTag(it.hub, it.changedAt),
  });
  if (isSearch(query)) {
    const snapshot = await snapshots.of(raceId);
    return snapshot === null ? null : { stamp: stampOf(snapshot), rows: () => cutOut(snapshot.rows, query, pause) };
  }
  const { category, sex, limit, offset } = query;
  const filter = { ...(category === undefined ? {} : { category }), ...(sex === undefined ? {} : { sex }) };
  const page = (): Cutout<ResultRow> => {
    const { rows, total } = cut.live.fold.page({ offset, limit, ...filter });
    return { data: rows, total };
  };
  return { stamp: stampOf(cut), rows: async () => page() };
};

const officialResults = (
  lists: FrozenLists,
  raceId: RaceId,
  query: ListQuery,
  pause: () => Promise<void>,
): StampedRows<ResultRow> | null => {
  const race = lists.races.get(raceId);
  if (race === undefined) return null;
  return { stamp: frozenStamp(lists, 'results'), rows: () => cutOut(race.rows, query, pause) };
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

export const pauseOf =
  ({ core }: Pick<HttpContext, 'core'>) =>
  (): Promise<void> =>
    new Promise((resolve) => core.timers.after(0, resolve));

/** The list of an event that became official; null: its results are still made, or were never kept. */
export const frozenOf = async ({ core }: Pick<HttpContext, 'core'>, event: EventRecord): Promise<FrozenLists | null> =>
  event.status === 'official' ? core.spectators.frozen(event.eventId) : null;

interface RaceCall {
  readonly event: EventRecord;
  readonly raceId: RaceId;
  readonly query: ListQuery;
}

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
        const list = await load({ event, raceId: raceId.data, query });
        if (list === null) return wrongId.ok ? NO_RACE : refused(wrongId.error);
        if (isHeld(ifNoneMatch, list.stamp.etag)) return notModified(event, list.stamp);
        const { data, total } = await list.rows();
        return listReply(event, { data: data.map(show(query)), total }, list.stamp, pauseOf(context));
      });
    },
  });

/** What spectators see of a race. */
export const resultRoutes = (context: HttpContext): readonly Route[] => {
  const { spectators } = context.core;
  const pause = pauseOf(context);
  return [
    raceList(
      context,
      '/api/v1/events/:eventId/results/:raceId',
      async ({ event, raceId, query }) => {
        const lists = await frozenOf(context, event);
        if (lists !== null) return officialResults(lists, raceId, query, pause);
        return liveResults(spectators.desk(event.eventId), raceId, query, pause);
      },
      showing,
    ),
    raceList(
      context,
      '/api/v1/events/:eventId/startlist/:raceId',
      async ({ event, raceId, query }) => {
        const { hub, startList } = spectators.desk(event.eventId);
        await hub.settled();
        const cut = hub.race(raceId);
        if (cut === null) return null;
        const { rows, version } = await startList(hub.inputs(), raceId);
        const stamp = { asOf: cut.asOf, hub: cut.hub, version: cut.version, etag: weakTag(cut.hub, 'start', version) };
        return { stamp, rows: () => cutOut(rows, query, pause) };
      },
      () => (row) => row,
    ),
  ];
};
