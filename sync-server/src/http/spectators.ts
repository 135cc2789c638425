import type { PublicCategory } from '@baton/schema/feed';
import type { AnnouncerRow, OnCourseRow } from '@baton/schema/results';
import { z } from 'zod';
import { MAX_ANNOUNCED } from '../spectators/announcer.ts';
import type { Desk } from '../spectators/desk.ts';
import { publicCategories } from '../spectators/public-shape.ts';
import type { EventRecord } from '../storage/records.ts';
import type { HttpContext } from './context.ts';
import { type Cutout, count, isHeld, listReply, notModified, PIECE, type Stamp, weakTag } from './listing.ts';
import { findEvent } from './lookups.ts';
import { frozenOf, frozenStamp, pauseOf, unlessDown } from './results.ts';
import { type Reply, type Route, refused, route } from './route.ts';

interface StampedList<Row> {
  readonly stamp: Stamp;
  readonly rows: readonly Row[];
}

const stampOf = ({ hub }: Desk, ...parts: readonly (string | number)[]): Stamp => {
  const cut = hub.cut();
  return { ...cut, etag: weakTag(cut.hub, ...parts) };
};

/** Reads what is official, or else what the event's desk has. */
type LoadList<Row> = (context: HttpContext, event: EventRecord) => Promise<StampedList<Row>>;

const eventList = <Row, Query extends { readonly limit: number; readonly offset: number }>(
  context: HttpContext,
  path: string,
  query: z.ZodType<Query>,
  load: LoadList<Row>,
): Route =>
  route({
    method: 'get',
    path: `/api/v1/events/:eventId/${path}`,
    action: 'event.read',
    query,
    run: async ({ grant, params, query: { limit, offset }, ifNoneMatch }): Promise<Reply> => {
      const found = findEvent(context.core, grant, 'event.read', params['eventId']);
      if (!found.ok) return refused(found.error);
      const event = found.value;
      return unlessDown(async () => {
        const { stamp, rows } = await load(context, event);
        if (isHeld(ifNoneMatch, stamp.etag)) return notModified(event, stamp);
        const cutout: Cutout<Row> = { data: rows.slice(offset, offset + limit), total: rows.length };
        return listReply(event, cutout, stamp, pauseOf(context));
      });
    },
  });

const onCourse: LoadList<OnCourseRow> = async (context, event) => {
  const lists = await frozenOf(context, event);
  if (lists !== null) return { stamp: frozenStamp(lists, 'oncourse'), rows: lists.record.oncourse };
  const desk = context.core.spectators.desk(event.eventId);
  return desk.hub.read(() => ({
    stamp: stampOf(desk, 'course', desk.hub.cut().version),
    rows: desk.hub.races().flatMap(({ live }) => [...live.onCourse()]),
  }));
};

const categories: LoadList<PublicCategory> = async (context, event) => {
  const lists = await frozenOf(context, event);
  if (lists !== null) return { stamp: frozenStamp(lists, 'categories'), rows: lists.record.categories };
  const desk = context.core.spectators.desk(event.eventId);
  return desk.hub.read(() => ({
    stamp: stampOf(desk, 'categories', desk.hub.cut().version),
    rows: publicCategories(desk.hub.races().map(({ race }) => race)),
  }));
};

const announcer: LoadList<AnnouncerRow> = async (context, event) => {
  const lists = await frozenOf(context, event);
  if (lists !== null) return { stamp: frozenStamp(lists, 'announcer'), rows: lists.record.announcer };
  const desk = context.core.spectators.desk(event.eventId);
  const { rows, version } = await desk.announcer.list(await desk.hub.read(desk.hub.inputs));
  return { stamp: stampOf(desk, 'announcer', version), rows };
};

const PageQuery = z.object({ limit: count(PIECE, 0, 100_000), offset: count(0, 0, 1_000_000) });
const AnnouncerQuery = z.object({
  limit: count(25, 1, 999_999_999).transform((it) => Math.min(it, MAX_ANNOUNCED)),
  offset: count(0, 0, 0),
});

/** What spectators see of an event beside its results. */
export const spectatorRoutes = (context: HttpContext): readonly Route[] => [
  eventList(context, 'oncourse', PageQuery, onCourse),
  eventList(context, 'categories', PageQuery, categories),
  eventList(context, 'announcer', AnnouncerQuery, announcer),
];
