import { type Refusal, refusal } from '@baton/schema/errors';
import { clockAt, type Pair, type VectorClock } from '@baton/schema/reads';
import type { Registry } from '../registry/registry.ts';
import type { EpochRecord } from '../storage/records.ts';

/** The first of these epochs whose reads are in a file and no more here. */
export const archivedRefusal = (epochs: readonly Pick<EpochRecord, 'streamId' | 'epoch' | 'archived'>[]) => {
  const archived = epochs.find((it) => it.archived);
  if (archived === undefined) return null;
  const { streamId, epoch } = archived;
  const message = `the reads of ${streamId} epoch ${epoch} were archived; ask the relay’s admin to import that file`;
  return refusal('EPOCH_ARCHIVED', message, { streamId, epoch });
};

/** Why reads of this epoch cannot be told. */
export const refuseArchived = (registry: Pick<Registry, 'epoch'>, pair: Pair): Refusal | null => {
  const epoch = registry.epoch(pair);
  return epoch === undefined ? null : archivedRefusal([epoch]);
};

/** Why a clock cannot be brought up to date: never with a hole where an epoch was archived. */
export const refuseArchivedAfter = (
  registry: Pick<Registry, 'epoch'>,
  pairs: readonly Pair[],
  clock: VectorClock,
): Refusal | null => {
  const wanted = pairs.flatMap((pair) => registry.epoch(pair) ?? []);
  return archivedRefusal(wanted.filter((it) => clockAt(clock, it) < it.head));
};
