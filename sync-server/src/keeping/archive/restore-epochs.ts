import type { ArchivedEpoch, ArchiveEntry, ArchiveSum } from '@baton/schema/archive';
import { type Refusal, refusal } from '@baton/schema/errors';
import { err, ok, type Result } from '@baton/schema/result';
import type { Registry } from '../../registry/registry.ts';
import type { StoredBatch } from '../../storage/store.ts';
import { readArchiveApart } from './archive-thread.ts';
import { refusalOfDefect } from './defect-refusal.ts';

type Done = Result<void, Refusal>;
const DONE: Done = ok(undefined);

/** Batches of one commit: some hundred KB. */
const PART = 32;

type Records = Pick<Registry, 'stream' | 'epoch' | 'change'>;

/** Why these epochs cannot come back here: each must be one of this event that was sealed with the same hash. */
export const refuseForeignEpochs = (registry: Records, sum: ArchiveSum): Refusal | null => {
  const { eventId } = sum.head;
  const foreign = sum.epochs.find((it) => {
    const known = registry.stream(it.streamId)?.eventId === eventId ? registry.epoch(it) : undefined;
    return known === undefined || known.hash !== it.hash || known.head !== it.head;
  });
  if (foreign === undefined) return null;
  const { streamId, epoch } = foreign;
  const message = `${streamId} epoch ${epoch} of event ${eventId} was not archived here; import the event’s own archive first`;
  return refusal('CONFLICT', message, { streamId, epoch });
};

/** Puts the reads of archived epochs back; those whose reads are here stay as they are. Cut short, it can be done again. */
export const restoreEpochs = async (registry: Records, path: string, sum: ArchiveSum): Promise<Done> => {
  let epoch: ArchivedEpoch | null = null;
  let part: StoredBatch[] = [];

  const flush = async (): Promise<Done> => {
    if (epoch === null || part.length === 0) return DONE;
    const batches = part;
    part = [];
    return registry.change([{ type: 'restoreReads', streamId: epoch.streamId, epoch: epoch.epoch, batches }]);
  };

  const closeEpoch = async (): Promise<Done> => {
    const flushed = await flush();
    if (!flushed.ok || epoch === null) return flushed;
    return registry.change([{ type: 'reopenEpoch', streamId: epoch.streamId, epoch: epoch.epoch }]);
  };

  const take = async (entry: ArchiveEntry): Promise<Done> => {
    if ('epoch' in entry) {
      const closed = await closeEpoch();
      epoch = registry.epoch(entry.epoch)?.archived === true ? entry.epoch : null;
      return closed;
    }
    if (!('reads' in entry) || epoch === null) return DONE;
    part.push({ firstSeq: entry.reads.firstSeq, count: entry.reads.count, batch: entry.reads.batch });
    return part.length < PART ? DONE : flush();
  };

  const read = await readArchiveApart(path, take);
  if (!read.ok) return err(refusalOfDefect(read.error));
  return sum.epochs.length === 0 ? DONE : closeEpoch();
};
