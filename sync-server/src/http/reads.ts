import type { NumberedRead, Pair } from '@baton/schema/reads';
import { dedupReads } from '@baton/schema/results';
import { z } from 'zod';
import { findStream } from '../auth/lookups.ts';
import { followEpoch, readBody, readStretch } from '../log/log-reading.ts';
import type { ReadLog } from '../log/read-log.ts';
import { refuseArchived } from './archived.ts';
import { isKnownEpoch } from './chunks.ts';
import type { HttpContext } from './context.ts';
import { json, type Reply, type Route, refuse, refused, route } from './route.ts';

const wholeNumber = (minimum: number, maximum: number, fallback: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, 'expected a whole number')
    .transform(Number)
    .pipe(z.int().min(minimum).max(maximum))
    .default(fallback);

const ReadsQuery = z.object({
  epoch: wholeNumber(1, 0xffff_ffff, 0),
  dedup: z.enum(['none', 'first', 'last']).default('none'),
  windowSecs: z
    .string()
    .regex(/^\d{1,6}(?:\.\d{1,3})?$/, 'expected seconds')
    .transform(Number)
    .default(5),
  limit: wholeNumber(1, 10_000, 1000),
  offset: wholeNumber(0, Number.MAX_SAFE_INTEGER, 0),
  order: z.enum(['asc', 'desc']).default('asc'),
});
type ReadsQuery = z.output<typeof ReadsQuery>;

/** Reads whose repeats are looked for in memory at once; longer epochs are told without. */
const MAX_DEDUP_READS = 1_000_000;

interface Shown {
  readonly reads: readonly NumberedRead[];
  readonly total: number;
}

/** Without dedup a page is a stretch of the log. */
const showStretch = async (log: ReadLog, pair: Pair, head: number, query: ReadsQuery): Promise<Shown> => {
  const count = Math.max(0, Math.min(query.limit, head - query.offset));
  const after = query.order === 'asc' ? query.offset : head - query.offset - count;
  const reads = count === 0 ? [] : await readStretch(log, pair, after, after + count);
  return { reads: query.order === 'asc' ? reads : [...reads].reverse(), total: head };
};

interface Slim {
  readonly seq: number;
  readonly chip: string | null;
  readonly readerTime: string | null;
}

/** Which reads stay is decided on the whole epoch, without its raw lines; those of the page are then read again. */
const showDeduplicated = async (log: ReadLog, pair: Pair, head: number, query: ReadsQuery): Promise<Shown> => {
  const slim: Slim[] = [];
  for await (const reads of followEpoch(log, pair, 0, head)) {
    for (const { seq, chip, readerTime } of reads) slim.push({ seq, chip, readerTime });
  }
  const kept = dedupReads(slim, query.dedup, query.windowSecs).map(({ seq }) => seq);
  const total = kept.length;
  if (query.order === 'desc') kept.reverse();
  const page = kept.slice(query.offset, query.offset + query.limit);
  const [first, last] = [Math.min(page[0] ?? 1, page.at(-1) ?? 1), Math.max(page[0] ?? 0, page.at(-1) ?? 0)];
  const wanted = new Set(page);
  const found: NumberedRead[] = [];
  for await (const reads of followEpoch(log, pair, first - 1, last)) {
    for (const read of reads) if (wanted.has(read.seq)) found.push(read);
  }
  return { reads: query.order === 'asc' ? found : found.reverse(), total };
};

/** Reads to look at, repeats left out if wished. */
export const readRoutes = (context: HttpContext): readonly Route[] => [
  route({
    method: 'get',
    path: '/api/v1/streams/:streamId/reads',
    action: 'reads.read',
    query: ReadsQuery,
    run: async ({ grant, params, query }): Promise<Reply> => {
      const { core } = context;
      const found = findStream(core, grant, 'reads.read', params['streamId']);
      if (!found.ok) return refused(found.error);
      const { streamId, currentEpoch } = found.value.stream;
      const pair: Pair = { streamId, epoch: query.epoch === 0 ? currentEpoch : query.epoch };
      if (!(await isKnownEpoch(context, pair))) return refuse('NOT_FOUND', 'the stream has no such epoch');
      const archived = refuseArchived(core.registry, pair);
      if (archived !== null) return refused(archived);
      const head = core.log.head(pair);
      if (query.dedup !== 'none' && head > MAX_DEDUP_READS) {
        return refuse(
          'BAD_REQUEST',
          `repeats are looked for in at most ${MAX_DEDUP_READS} reads; ask with dedup=none`,
          {
            fields: { dedup: 'expected none' },
          },
        );
      }
      const show = query.dedup === 'none' ? showStretch : showDeduplicated;
      const { reads, total } = await show(core.log, pair, head, query);
      return json({ reads: reads.map(readBody), total });
    },
  }),
];
