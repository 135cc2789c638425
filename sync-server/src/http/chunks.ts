import type { Refusal } from '@baton/schema/errors';
import { BATCH_MEDIA_TYPE, CHUNK_READS } from '@baton/schema/http';
import { encodeBatch, type NumberedRead, type Pair, pairKey } from '@baton/schema/reads';
import { err, ok, type Result } from '@baton/schema/result';
import type { Pace } from '@baton/schema/roster';
import type { Grant } from '../auth/grant.ts';
import { findStream, parseCount, parseEpoch } from '../auth/lookups.ts';
import { readStretch } from '../log/log-reading.ts';
import { refuseArchived } from './archived.ts';
import type { HttpContext } from './context.ts';
import { jsonStream, PAGE } from './long-json.ts';
import { batchBody, batchTexts, type ReadBatch } from './read-batch.ts';
import { json, type Reply, type Route, refuse, refused, route } from './route.ts';

type Params = Readonly<Record<string, string>>;

const findPair = (context: HttpContext, grant: Grant | null, params: Params): Result<Pair, Refusal> => {
  const found = findStream(context.core, grant, 'reads.read', params['streamId']);
  if (!found.ok) return found;
  const epoch = parseEpoch(params['epoch']);
  if (!epoch.ok) return epoch;
  const pair: Pair = { streamId: found.value.stream.streamId, epoch: epoch.value };
  const archived = refuseArchived(context.core.registry, pair);
  return archived === null ? ok(pair) : err(archived);
};

/** Has reads, or once was the current one, or is mapped to a race. */
export const isKnownEpoch = async ({ core, setups }: HttpContext, pair: Pair): Promise<boolean> => {
  if (core.registry.epoch(pair) !== undefined) return true;
  const stream = core.registry.stream(pair.streamId);
  if (stream === undefined) return false;
  return (await setups.read(stream.eventId)).epochRaces.has(pairKey(pair.streamId, pair.epoch));
};

const batchReply = (batch: ReadBatch, pace: Pace, headers: Readonly<Record<string, string>>): Reply =>
  batch.reads.length > PAGE ? jsonStream(batchTexts(batch, pace), headers) : json(batchBody(batch), headers);

const wantsBinary = (accept: string): boolean => accept.includes(BATCH_MEDIA_TYPE);

const binary = (reads: readonly NumberedRead[], headers: Readonly<Record<string, string>>): Reply => ({
  type: 'bytes',
  bytes: encodeBatch(reads),
  headers: { ...headers, 'Content-Type': BATCH_MEDIA_TYPE, 'Baton-First-Seq': String(reads[0]?.seq ?? 0) },
});

const VARY = { Vary: 'Accept, Authorization' } as const;
const YEAR_MS = 365 * 86_400_000;

/** Full chunks never change: a browser may keep them for ever, for its own user. Until when is a header of its own: the contract has just these two words. */
const immutableAt = (now: number) =>
  ({ 'Cache-Control': 'private, immutable', Expires: new Date(now + YEAR_MS).toUTCString(), ...VARY }) as const;
const REVALIDATE = { 'Cache-Control': 'private, no-cache', ...VARY } as const;

const chunk = (context: HttpContext): Route =>
  route({
    method: 'get',
    path: '/api/v1/streams/:streamId/epochs/:epoch/chunks/:k',
    action: 'reads.read',
    run: async ({ grant, params, accept }) => {
      const pair = findPair(context, grant, params);
      if (!pair.ok) return refused(pair.error);
      const k = parseCount(params['k'], 'k');
      if (!k.ok) return refused(k.error);
      const { log, pace } = context.core;
      const after = k.value * CHUNK_READS;
      const head = log.head(pair.value);
      if (after + CHUNK_READS > head) {
        return refuse('NOT_FOUND', 'this chunk is not full; ask for the tail', { head, chunkSize: CHUNK_READS });
      }
      const reads = await readStretch(context.core, pair.value, after, after + CHUNK_READS);
      const headers = immutableAt(context.core.clock.now());
      return wantsBinary(accept)
        ? binary(reads, headers)
        : batchReply({ ...pair.value, firstSeq: after + 1, reads }, pace, headers);
    },
  });

/** Reads of one answer; a longer tail is asked for again from where it ended. */
const MAX_TAIL_READS = 10_000;

const tail = (context: HttpContext): Route =>
  route({
    method: 'get',
    path: '/api/v1/streams/:streamId/epochs/:epoch/tail/:after',
    action: 'reads.read',
    run: async ({ grant, params, accept, ifNoneMatch }) => {
      const pair = findPair(context, grant, params);
      if (!pair.ok) return refused(pair.error);
      const after = parseCount(params['after'], 'after');
      if (!after.ok) return refused(after.error);
      if (!(await isKnownEpoch(context, pair.value))) return refuse('NOT_FOUND', 'there is no such epoch');
      const { log, pace } = context.core;
      const isBinary = wantsBinary(accept);
      const head = log.head(pair.value);
      const last = Math.min(head, after.value + (isBinary ? CHUNK_READS : MAX_TAIL_READS));
      // reads are immutable: what is told depends on where it begins and ends, and on nothing else
      const etag = `"${isBinary ? 'b' : 'j'}-${pair.value.epoch}-${after.value}-${Math.max(last, after.value)}"`;
      const headers = { ...REVALIDATE, ETag: etag, 'Baton-Head': String(head) };
      if (ifNoneMatch === etag) return { type: 'empty', status: 304, headers };
      const reads = await readStretch(context.core, pair.value, after.value, last);
      if (!isBinary) return batchReply({ ...pair.value, firstSeq: after.value + 1, reads }, pace, headers);
      return reads.length === 0 ? { type: 'empty', status: 204, headers } : binary(reads, headers);
    },
  });

/** Reads of an epoch as files: chunks that are full and for ever, and the rest. */
export const chunkRoutes = (context: HttpContext): readonly Route[] => [chunk(context), tail(context)];
