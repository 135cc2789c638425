import { READ_CSV_HEADER, readCsvLine } from '@baton/schema/csv';
import type { Refusal } from '@baton/schema/errors';
import { refusal } from '@baton/schema/errors';
import type { StreamId } from '@baton/schema/ids';
import type { NumberedRead, Pair } from '@baton/schema/reads';
import { err, ok, type Result } from '@baton/schema/result';
import type { Grant } from '../auth/grant.ts';
import { findStream, parseEpoch } from '../auth/lookups.ts';
import { followEpoch } from '../log/log-reading.ts';
import type { EpochRecord } from '../storage/records.ts';
import { archivedRefusal } from './archived.ts';
import type { HttpContext } from './context.ts';
import { type Reply, type Route, refused, route } from './route.ts';

const LF = Buffer.from('\n');

const txtLines = (_: Pair, reads: readonly NumberedRead[]): Uint8Array =>
  Buffer.concat(reads.flatMap((read) => [read.raw, LF]));

const csvLines = (pair: Pair, reads: readonly NumberedRead[]): Uint8Array =>
  Buffer.concat(reads.flatMap((read) => readCsvLine(pair, read)));

/** Each epoch up to where it is now, in order. */
async function* exportLines(
  { core }: HttpContext,
  pairs: readonly (Pair & { readonly head: number })[],
  header: Uint8Array | null,
  render: (pair: Pair, reads: readonly NumberedRead[]) => Uint8Array,
): AsyncGenerator<Uint8Array> {
  if (header !== null) yield header;
  for (const pair of pairs) {
    for await (const reads of followEpoch(core.log, pair, 0, pair.head)) {
      yield render(pair, reads);
      if (core.pace.isOver()) await core.pace.rest();
    }
  }
}

interface Wanted {
  readonly streamId: StreamId;
  readonly pairs: readonly (Pair & { readonly head: number })[];
  readonly name: string;
}

/** Nothing with a hole in it. */
const whole = (wanted: Wanted, epochs: readonly EpochRecord[]): Result<Wanted, Refusal> => {
  const archived = archivedRefusal(epochs);
  return archived === null ? ok(wanted) : err(archived);
};

const findWanted = (
  { core }: HttpContext,
  grant: Grant | null,
  params: Readonly<Record<string, string>>,
): Result<Wanted, Refusal> => {
  const found = findStream(core, grant, 'reads.read', params['streamId']);
  if (!found.ok) return found;
  const { streamId } = found.value.stream;
  const records = core.registry.epochs(streamId);
  const pairs = records.map(({ epoch, head }) => ({ streamId, epoch, head }));
  if (params['epoch'] === undefined) return whole({ streamId, pairs, name: streamId }, records);
  const epoch = parseEpoch(params['epoch']);
  if (!epoch.ok) return epoch;
  const only = pairs.filter((pair) => pair.epoch === epoch.value);
  if (only.length === 0) return err(refusal('NOT_FOUND', 'the stream has no such epoch'));
  return whole(
    { streamId, pairs: only, name: `${streamId}.${epoch.value}` },
    records.filter((it) => it.epoch === epoch.value),
  );
};

const exportRoute = (context: HttpContext, path: string, format: 'txt' | 'csv'): Route =>
  route({
    method: 'get',
    path: `${path}/export.${format}`,
    action: 'reads.read',
    run: ({ grant, params }): Reply => {
      const wanted = findWanted(context, grant, params);
      if (!wanted.ok) return refused(wanted.error);
      const { pairs, name } = wanted.value;
      return {
        type: 'stream',
        chunks:
          format === 'txt'
            ? exportLines(context, pairs, null, txtLines)
            : exportLines(context, pairs, READ_CSV_HEADER, csvLines),
        headers: {
          'Content-Type': format === 'txt' ? 'text/plain; charset=utf-8' : 'text/csv; charset=utf-8; header=present',
          'Content-Disposition': `attachment; filename="${name}.${format}"`,
        },
      };
    },
  });

/** Raw lines of a stream or one of its epochs, streamed in bounded memory. */
export const exportRoutes = (context: HttpContext): readonly Route[] =>
  ['/api/v1/streams/:streamId', '/api/v1/streams/:streamId/epochs/:epoch'].flatMap((path) => [
    exportRoute(context, path, 'txt'),
    exportRoute(context, path, 'csv'),
  ]);
