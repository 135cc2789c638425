import type { ResultRow } from '@baton/schema/http';
import { runWithPauses, type Sliced } from '@baton/schema/roster';
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

/** Rows that are looked at, or written, at once; a page of as many is one answer. */
const PIECE = 1000;

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

function* found<Row extends Person>(rows: readonly Row[], query: ResultQuery): Sliced<readonly Row[]> {
  const isWanted = matches(query);
  const found: Row[] = [];
  for (const [index, row] of rows.entries()) {
    if (isWanted(row)) found.push(row);
    if (index % PIECE === PIECE - 1) yield;
  }
  return found;
}

/** The JSON of a long list, piece by piece. */
async function* listChunks(
  data: readonly unknown[],
  rest: Readonly<Record<string, number>>,
  pause: () => Promise<void>,
): AsyncGenerator<Uint8Array> {
  let before = '{"data":[';
  for (let from = 0; from < data.length; from += PIECE) {
    yield Buffer.from(before + JSON.stringify(data.slice(from, from + PIECE)).slice(1, -1));
    before = ',';
    await pause();
  }
  yield Buffer.from(`],${JSON.stringify(rest).slice(1)}`);
}

const JSON_TYPE = { 'Content-Type': 'application/json; charset=utf-8' } as const;

const page = async <Row extends Person>(
  { core }: HttpContext,
  { rows, asOf }: Rows<Row>,
  query: ResultQuery,
  event: EventRecord,
  show: (row: Row) => Row,
): Promise<Reply> => {
  const pause = (): Promise<void> => new Promise((resolve) => core.timers.after(0, resolve));
  const all = await runWithPauses(found(rows, query), pause);
  const data = all.slice(query.offset, query.offset + query.limit).map(show);
  const headers = cacheHeaders(event);
  const total = all.length;
  if (data.length <= PIECE) return json({ data, total, asOf }, headers);
  return { type: 'stream', chunks: listChunks(data, { total, asOf }, pause), headers: { ...headers, ...JSON_TYPE } };
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
      return page(context, rows, query, event.value, (row) => show(row, detailed));
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
