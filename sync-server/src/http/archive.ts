import { join } from 'node:path';
import type { ArchiveSum } from '@baton/schema/archive';
import { type Refusal, refusal } from '@baton/schema/errors';
import { type ArchiveTaken, DropEpochs, type DroppedBody } from '@baton/schema/http';
import type { EventId } from '@baton/schema/ids';
import { err, ok, type Result } from '@baton/schema/result';
import { allowed, findEvent } from '../auth/lookups.ts';
import { checkArchiveApart } from '../keeping/archive/archive-thread.ts';
import { refusalOfDefect } from '../keeping/archive/defect-refusal.ts';
import { type ExportSource, exportEpochs, exportEvent } from '../keeping/archive/export-lines.ts';
import { importEvent, refuseExisting } from '../keeping/archive/import-event.ts';
import { packTexts } from '../keeping/archive/packing.ts';
import { refuseForeignEpochs, restoreEpochs } from '../keeping/archive/restore-epochs.ts';
import { withSpooled } from '../keeping/archive/spool.ts';
import type { EpochRecord, EventRecord } from '../storage/records.ts';
import { archivedRefusal } from './archived.ts';
import type { HttpContext, HttpOptions } from './context.ts';
import { answer, json, type Reply, type Route, refuse, refused, route } from './route.ts';

type Options = NonNullable<HttpOptions['archive']>;

const packed = (texts: AsyncIterable<string>, name: string): Reply => ({
  type: 'stream',
  chunks: packTexts(texts),
  headers: {
    'Content-Type': 'application/gzip',
    'Content-Disposition': `attachment; filename="${name}.baton.gz"`,
    'Cache-Control': 'no-store',
  },
});

const epochsOf = ({ core }: HttpContext, eventId: EventId): readonly EpochRecord[] =>
  [...core.registry.streams(eventId)]
    .sort((a, b) => (a.streamId < b.streamId ? -1 : 1))
    .flatMap(({ streamId }) => core.registry.epochs(streamId));

const sourceOf = ({ core }: HttpContext, { store }: Options): ExportSource => ({
  registry: core.registry,
  log: core.log,
  pace: core.pace,
  store,
});

const exportRoute = (context: HttpContext, options: Options): Route =>
  route({
    method: 'get',
    path: '/api/v1/events/:eventId/archive',
    action: 'event.archive',
    run: ({ grant, params }): Reply => {
      const event = findEvent(context.core, grant, 'event.archive', params['eventId']);
      if (!event.ok) return refused(event.error);
      const { eventId } = event.value;
      const archived = archivedRefusal(epochsOf(context, eventId));
      if (archived !== null) return refused(archived);
      return packed(exportEvent(sourceOf(context, options), event.value), eventId);
    },
  });

/** Results that are official stand by themselves; those of any other event are made of the reads. */
const refuseUnofficial = ({ status }: EventRecord): Refusal | null =>
  status === 'official' ? null : refusal('CONFLICT', 'reads are archived only once the event’s results are official');

const exportEpochsRoute = (context: HttpContext, options: Options): Route =>
  route({
    method: 'get',
    path: '/api/v1/events/:eventId/epochs/archive',
    action: 'event.archive',
    run: ({ grant, params }): Reply => {
      const event = findEvent(context.core, grant, 'event.archive', params['eventId']);
      if (!event.ok) return refused(event.error);
      const { eventId } = event.value;
      const unofficial = refuseUnofficial(event.value);
      if (unofficial !== null) return refused(unofficial);
      const epochs = epochsOf(context, eventId).filter((it) => it.sealed && !it.archived && it.head > 0);
      if (epochs.length === 0) return refuse('CONFLICT', 'the event has no sealed epoch whose reads are here');
      return packed(exportEpochs(sourceOf(context, options), eventId, epochs), `${eventId}.epochs`);
    },
  });

/** Names the hash of each epoch: whoever has not got its reads cannot have them dropped by mistake. */
const dropRoute = ({ core, serial }: HttpContext): Route =>
  route({
    method: 'post',
    path: '/api/v1/events/:eventId/epochs/drop',
    action: 'event.archive',
    body: DropEpochs,
    run: ({ grant, params, body }) => {
      const event = findEvent(core, grant, 'event.archive', params['eventId']);
      if (!event.ok) return refused(event.error);
      const { eventId } = event.value;
      return serial.run(`event:${eventId}`, async () => {
        const unofficial = refuseUnofficial(event.value);
        if (unofficial !== null) return refused(unofficial);
        const wrong = body.epochs.find((it) => {
          const known = core.registry.stream(it.streamId)?.eventId === eventId ? core.registry.epoch(it) : undefined;
          return known === undefined || known.hash !== it.hash;
        });
        if (wrong !== undefined)
          return refuse('CONFLICT', 'an epoch is not sealed with this hash; nothing was dropped', wrong);
        const dropped = body.epochs.filter((it) => core.registry.epoch(it)?.archived === false);
        const reads = dropped.reduce((sum, it) => sum + core.log.head(it), 0);
        const changed = await core.registry.change(dropped.map((it) => ({ type: 'archiveEpoch', ...it })));
        return answer(changed, () => json({ epochs: dropped.length, reads } satisfies DroppedBody));
      });
    },
  });

const take = async ({ core }: HttpContext, path: string, sum: ArchiveSum): Promise<Result<void, Refusal>> => {
  if (sum.head.kind === 'epochs') {
    const foreign = refuseForeignEpochs(core.registry, sum);
    return foreign === null ? restoreEpochs(core.registry, path, sum) : err(foreign);
  }
  const existing = refuseExisting(core, sum);
  return existing === null ? importEvent(core, path, sum) : err(existing);
};

const importFile = async (context: HttpContext, path: string): Promise<Result<ArchiveTaken, Refusal>> => {
  const sum = await checkArchiveApart(path);
  if (!sum.ok) return err(refusalOfDefect(sum.error));
  const { kind, eventId } = sum.value.head;
  const taken = await context.serial.run(`event:${eventId}`, () => take(context, path, sum.value));
  return taken.ok ? ok({ eventId, kind, epochs: sum.value.epochs.length, reads: sum.value.reads }) : taken;
};

const importRoute = (context: HttpContext, options: Options): Route => {
  let isRunning = false;
  return route({
    method: 'post',
    path: '/api/v1/events/import',
    action: 'event.archive',
    run: async ({ grant, upload }): Promise<Reply> => {
      const may = allowed(grant, 'event.archive', null);
      if (!may.ok) return refused(may.error);
      if (isRunning) return refuse('RATE_LIMITED', 'an archive is being imported; one at a time');
      isRunning = true;
      try {
        const path = join(options.directory, `import-${context.core.ids.uuid()}.part`);
        return answer(await withSpooled(upload(), path, () => importFile(context, path)), (it) => json(it));
      } finally {
        isRunning = false;
      }
    },
  });
};

/** An event as one portable file, and back; sealed epochs of official events out of the store, and back. */
export const archiveRoutes = (context: HttpContext): readonly Route[] => {
  const { archive } = context.options;
  if (archive === undefined) return [];
  return [
    exportRoute(context, archive),
    exportEpochsRoute(context, archive),
    dropRoute(context),
    importRoute(context, archive),
  ];
};
