import { type Pace, runPaced, type Sliced } from '@baton/schema/roster';
import { z } from 'zod';
import { isPublished } from '../auth/policy.ts';
import type { EventRecord } from '../storage/records.ts';
import { jsonItems, jsonStream, PAGE, STEP } from './long-json.ts';
import { json, type Reply } from './route.ts';

/** Lists for everybody: what may be asked of them, how they are cut and kept. */

export const count = (fallback: number, minimum: number, maximum: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, 'expected a whole number')
    .transform(Number)
    .pipe(z.int().min(minimum).max(maximum))
    .default(fallback);

export const ListQuery = z.object({
  category: z.string().max(128).optional(),
  sex: z.string().max(8).optional(),
  /** Part of a name, a bib or a club. */
  q: z.string().max(200).optional(),
  /** Exactly this bib. */
  bib: z.string().max(200).optional(),
  /** `false` leaves the splits empty: a list of thousands is shorter without. */
  detailed: z.enum(['true', 'false', '1', '0']).optional(),
  limit: count(PAGE, 0, 100_000),
  offset: count(0, 0, 1_000_000),
});
export type ListQuery = z.output<typeof ListQuery>;

interface Person {
  readonly bib: string;
  readonly name: string;
  readonly club: string | null;
  readonly category: string | null;
  readonly sex: string | null;
}

const fold = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

const matches = (query: ListQuery) => {
  const wanted = query.q === undefined ? null : fold(query.q.trim());
  return (row: Person): boolean =>
    (query.bib === undefined || row.bib === query.bib) &&
    (query.category === undefined || row.category === query.category) &&
    (query.sex === undefined || row.sex === query.sex) &&
    (wanted === null || [row.bib, row.name, row.club ?? ''].some((text) => fold(text).includes(wanted)));
};

function* found<Row extends Person>(rows: readonly Row[], query: ListQuery): Sliced<readonly Row[]> {
  const isWanted = matches(query);
  const hits: Row[] = [];
  for (const [index, row] of rows.entries()) {
    if (isWanted(row)) hits.push(row);
    if (index % STEP === STEP - 1) yield;
  }
  return hits;
}

/** Some of the rows of a list, and how many there are of them. */
export interface Cutout<Row> {
  readonly data: readonly Row[];
  readonly total: number;
}

/** The rows that are asked for, out of all of them. */
export const cutOut = async <Row extends Person>(
  rows: readonly Row[],
  query: ListQuery,
  pace: Pace,
): Promise<Cutout<Row>> => {
  const all = await runPaced(found(rows, query), pace);
  return { data: all.slice(query.offset, query.offset + query.limit), total: all.length };
};

/** At which cut of the feed something was so, and what it is the same as elsewhere. */
export interface Stamp {
  readonly asOf: number;
  readonly hub: string;
  readonly version: number;
  /** Of this list: another one whenever its rows may be others. */
  readonly etag: string;
}

/** Public answers may be kept for a moment by anybody, a draft's by nobody. */
export const cacheHeaders = (event: Pick<EventRecord, 'status'>, { etag }: Pick<Stamp, 'etag'>) => ({
  'Cache-Control': isPublished(event) ? 'public, max-age=1' : 'private, no-cache',
  ETag: etag,
});

/** Weak: the same rows, though another moment may stand beside them. */
export const weakTag = (...parts: readonly (string | number)[]): string => `W/"${parts.join('.')}"`;

/** Whether the asker holds it already. */
export const isHeld = (ifNoneMatch: string | null, etag: string): boolean =>
  ifNoneMatch?.split(',').some((it) => it.trim() === etag) === true;

async function* listTexts(data: readonly unknown[], rest: object, pace: Pace): AsyncGenerator<string> {
  yield '{"data":[';
  yield* jsonItems(data, (row) => row, pace);
  yield `],${JSON.stringify(rest).slice(1)}`;
}

/** An answer that is not longer than a moment's work at once, whatever its length. */
export const listReply = <Row>(event: EventRecord, { data, total }: Cutout<Row>, stamp: Stamp, pace: Pace): Reply => {
  const headers = cacheHeaders(event, stamp);
  const rest = { total, asOf: stamp.asOf, hub: stamp.hub, version: stamp.version };
  if (data.length <= PAGE) return json({ data, ...rest }, headers);
  return jsonStream(listTexts(data, rest, pace), headers);
};

export const notModified = (event: EventRecord, stamp: Pick<Stamp, 'etag'>): Reply => ({
  type: 'empty',
  status: 304,
  headers: cacheHeaders(event, stamp),
});
