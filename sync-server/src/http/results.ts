import type { ResultRow } from '@baton/schema/http';
import { z } from 'zod';
import { isPublished } from '../auth/policy.ts';
import type { EventRecord } from '../storage/records.ts';
import type { HttpContext, Rows } from './context.ts';
import { findEvent, raceIn } from './lookups.ts';
import { json, type Reply, type Route, refuse, refused, route } from './route.ts';

const count = (fallback: number, maximum: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, 'expected a whole number')
    .transform(Number)
    .pipe(z.int().min(0).max(maximum))
    .default(fallback);

const ResultQuery = z.object({
  category: z.string().max(128).optional(),
  sex: z.string().max(8).optional(),
  /** Part of a name, a bib or a club. */
  q: z.string().max(200).optional(),
  /** `false` leaves the splits empty: a list of thousands is shorter without. */
  detailed: z.enum(['true', 'false', '1', '0']).optional(),
  limit: count(1000, 100_000),
  offset: count(0, 1_000_000),
});
type ResultQuery = z.output<typeof ResultQuery>;

interface Person {
  readonly bib: string;
  readonly name: string;
  readonly club: string | null;
  readonly category: string | null;
  readonly sex: string | null;
}

const fold = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

const matches = (query: ResultQuery) => {
  const wanted = query.q === undefined ? null : fold(query.q.trim());
  return (row: Person): boolean =>
    (query.category === undefined || row.category === query.category) &&
    (query.sex === undefined || row.sex === query.sex) &&
    (wanted === null || [row.bib, row.name, row.club ?? ''].some((text) => fold(text).includes(wanted)));
};

/** Public answers may be kept for a moment by anybody, a draft's by nobody. */
const cacheHeaders = (event: EventRecord): Readonly<Record<string, string>> =>
  isPublished(event) ? { 'Cache-Control': 'public, max-age=1' } : { 'Cache-Control': 'private, no-cache' };

const page = <Row extends Person>(rows: Rows<Row>, query: ResultQuery, event: EventRecord, show: (row: Row) => Row) => {
  const found = rows.rows.filter(matches(query));
  const data = found.slice(query.offset, query.offset + query.limit).map(show);
  return json({ data, total: found.length, asOf: rows.asOf }, cacheHeaders(event));
};

const withoutSplits = (row: ResultRow): ResultRow => ({ ...row, splits: [] });

const raceList = <Row extends Person>(
  context: HttpContext,
  path: string,
  load: (event: EventRecord, raceId: ResultRow['raceId']) => Promise<Rows<Row> | null> | null,
  show: (row: Row, detailed: boolean) => Row,
): Route =>
  route({
    method: 'get',
    path,
    action: 'event.read',
    query: ResultQuery,
    run: async ({ grant, params, query }): Promise<Reply> => {
      const event = findEvent(context.core, grant, 'event.read', params['eventId']);
      if (!event.ok) return refused(event.error);
      const race = raceIn(await context.setups.read(event.value.eventId), params['raceId']);
      if (!race.ok) return refused(race.error);
      const rows = (await load(event.value, race.value.raceId)) ?? null;
      if (rows === null) return refuse('NOT_FOUND', 'there is no such race');
      const detailed = query.detailed !== 'false' && query.detailed !== '0';
      return page(rows, query, event.value, (row) => show(row, detailed));
    },
  });

/** What spectators see of a race. */
export const resultRoutes = (context: HttpContext): readonly Route[] => {
  const { results } = context.options;
  if (results === undefined) return [];
  return [
    raceList(
      context,
      '/api/v1/events/:eventId/results/:raceId',
      ({ eventId }, raceId) => results.results(eventId, raceId),
      (row, detailed) => (detailed ? row : withoutSplits(row)),
    ),
    raceList(
      context,
      '/api/v1/events/:eventId/startlist/:raceId',
      ({ eventId }, raceId) => results.startlist(eventId, raceId),
      (row) => row,
    ),
  ];
};
