import type { PublicCategory } from '@baton/schema/feed';
import type { AnnouncerRow, OnCourseRow } from '@baton/schema/results';
import { z } from 'zod';
import { findEvent } from '../auth/lookups.ts';
import { MAX_ANNOUNCED } from '../spectators/announcer.ts';
import { courseRows } from '../spectators/course-rows.ts';
import type { Desk } from '../spectators/desk.ts';
import { publicCategories } from '../spectators/public-shape.ts';
import type { EventRecord } from '../storage/records.ts';
import type { HttpContext } from './context.ts';
import { type Cutout, count, isHeld, listReply, notModified, type Stamp, weakTag } from './listing.ts';
import { PAGE } from './long-json.ts';
import { frozenOf, frozenStamp, unlessDown } from './results.ts';
import { type Reply, type Route, refused, route } from './route.ts';

interface Page {
  readonly limit: number;
  readonly offset: number;
}

interface StampedPage<Row> extends Cutout<Row> {
  readonly stamp: Stamp;
}

const pageOf = <Row>(stamp: Stamp, rows: readonly Row[], { limit, offset }: Page): StampedPage<Row> => ({
  stamp,
  data: rows.slice(offset, offset + limit),
  total: rows.length,
});

const stampOf = ({ hub }: Desk, ...parts: readonly (string | number)[]): Stamp => {
  const cut = hub.cut();
  return { ...cut, etag: weakTag(cut.hub, ...parts) };
};

/** Reads what is official, or else what the event's desk has. */
type LoadList<Row> = (context: HttpContext, event: EventRecord, page: Page) => Promise<StampedPage<Row>>;

const eventList = <Row, Query extends Page>(
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
    run: async ({ grant, params, query: page, ifNoneMatch }): Promise<Reply> => {
      const found = findEvent(context.core, grant, 'event.read', params['eventId']);
      if (!found.ok) return refused(found.error);
      const event = found.value;
      return unlessDown(async () => {
        const { stamp, ...cutout } = await load(context, event, page);
        if (isHeld(ifNoneMatch, stamp.etag)) return notModified(event, stamp);
        return listReply(event, cutout, stamp, context.core.pace);
      });
    },
  });

/** A short page at once; else all in pieces, while nothing is taken in. */
const onCourse: LoadList<OnCourseRow> = async (context, event, page) => {
  const lists = await frozenOf(context, event);
  if (lists !== null) return pageOf(frozenStamp(lists, 'oncourse'), lists.record.oncourse, page);
  const desk = context.core.spectators.desk(event.eventId);
  const { hub } = desk;
  const until = page.offset + page.limit;
  const stampNow = (): Stamp => stampOf(desk, 'course', hub.cut().version);
  if (until > PAGE) {
    await hub.read(() => null);
    return hub.between(async () => pageOf(stampNow(), await courseRows(hub.races(), context.core.pace), page));
  }
  return hub.read(() => {
    const folds = hub.races().map(({ live }) => live.fold);
    const data = folds.flatMap((fold) => [...fold.onCourse(until)]).slice(page.offset, until);
    return { stamp: stampNow(), data, total: folds.reduce((sum, fold) => sum + fold.onCourseTotal(), 0) };
  });
};

const categories: LoadList<PublicCategory> = async (context, event, page) => {
  const lists = await frozenOf(context, event);
  if (lists !== null) return pageOf(frozenStamp(lists, 'categories'), lists.record.categories, page);
  const desk = context.core.spectators.desk(event.eventId);
  return desk.hub.read(() => {
    const rows = publicCategories(desk.hub.races().map(({ race }) => race));
    return pageOf(stampOf(desk, 'categories', desk.hub.cut().version), rows, page);
  });
};

const announcer: LoadList<AnnouncerRow> = async (context, event, page) => {
  const lists = await frozenOf(context, event);
  if (lists !== null) return pageOf(frozenStamp(lists, 'announcer'), lists.record.announcer, page);
  const desk = context.core.spectators.desk(event.eventId);
  const { rows, version } = await desk.announcer.list(await desk.hub.read(desk.hub.inputs));
  return pageOf(stampOf(desk, 'announcer', version), rows, page);
};

const PageQuery = z.object({ limit: count(PAGE, 0, 100_000), offset: count(0, 0, 1_000_000) });
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
