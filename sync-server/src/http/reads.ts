import type { NumberedRead, Pair } from '@baton/schema/reads';
import { dedupReads } from '@baton/schema/results';
import type { Pace } from '@baton/schema/roster';
import { runPaced } from '@baton/schema/roster';
import { z } from 'zod';
import { findStream } from '../auth/lookups.ts';
import { followEpoch, readBody, readStretch } from '../log/log-reading.ts';
import { refuseArchived } from './archived.ts';
import { isKnownEpoch } from './chunks.ts';
import type { HttpContext } from './context.ts';
import { jsonItems, jsonStream, PAGE } from './long-json.ts';
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

type Source = Pick<HttpContext['core'], 'log' | 'pace'>;

/** Without dedup a page is a stretch of the log. */
const showStretch = async (source: Source, pair: Pair, head: number, query: ReadsQuery): Promise<Shown> => {
  const count = Math.max(0, Math.min(query.limit, head - query.offset));
  const after = query.order === 'asc' ? query.offset : head - query.offset - count;
  const reads = count === 0 ? [] : await readStretch(source, pair, after, after + count);
  return { reads: query.order === 'asc' ? reads : [...reads].reverse(), total: head };
};

interface Slim {
  readonly seq: number;
  readonly chip: string | null;
  readonly readerTime: string | null;
}

/** What repeats are told by, of all reads of an epoch. */
const slimReads = async ({ log, pace }: Source, pair: Pair, head: number): Promise<readonly Slim[]> => {
  const slim: Slim[] = [];
  for await (const reads of followEpoch(log, pair, 0, head)) {
    for (const { seq, chip, readerTime } of reads) slim.push({ seq, chip, readerTime });
    if (pace.isOver()) await pace.rest();
  }
  return slim;
};

/** Which reads stay is decided on the whole epoch, without its raw lines; those of the page are then read again. */
const showDeduplicated = async (source: Source, pair: Pair, head: number, query: ReadsQuery): Promise<Shown> => {
  const { log, pace } = source;
  const slim = await slimReads(source, pair, head);
  const kept = await runPaced(dedupReads(slim, query.dedup, query.windowSecs), pace);
  const total = kept.length;
  const isUp = query.order === 'asc';
  const end = Math.max(0, isUp ? Math.min(total, query.offset + query.limit) : total - query.offset);
  const page = kept.slice(isUp ? query.offset : Math.max(0, end - query.limit), end);
  const wanted = new Set(page.map(({ seq }) => seq));
  const found: NumberedRead[] = [];
  for await (const reads of followEpoch(log, pair, (page[0]?.seq ?? 1) - 1, page.at(-1)?.seq ?? 0)) {
    for (const read of reads) if (wanted.has(read.seq)) found.push(read);
    if (pace.isOver()) await pace.rest();
  }
  return { reads: isUp ? found : found.reverse(), total };
};

async function* readsTexts({ reads, total }: Shown, pace: Pace): AsyncGenerator<string> {
  yield '{"reads":[';
  yield* jsonItems(reads, readBody, pace);
  yield `],"total":${total}}`;
}

const readsReply = (shown: Shown, pace: Pace): Reply =>
  shown.reads.length <= PAGE
    ? json({ reads: shown.reads.map(readBody), total: shown.total })
    : jsonStream(readsTexts(shown, pace));

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
      return readsReply(await show(core, pair, head, query), core.pace);
    },
  }),
];
