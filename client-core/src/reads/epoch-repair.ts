import type { Log } from '@baton/schema/ports';
import { type Pair, pairKey } from '@baton/schema/reads';
import { err, ok, type Result } from '@baton/schema/result';
import type { PairProgress, Replica } from '../replica/replica.ts';
import type { PullState } from './pull-state.ts';

export interface RepairError {
  readonly type: 'not-selected' | 'offline' | 'lost';
  readonly message: string;
}

export interface EpochRepair {
  /** Drops what is held of an epoch. */
  readonly drop: (pair: Pair) => Promise<Result<void, RepairError>>;
  /** The same at a person's request: only of a selected epoch, and in a session that can bring it back. */
  readonly repair: (pair: Pair) => Promise<Result<void, RepairError>>;
}

export interface EpochRepairDeps {
  readonly replica: Pick<Replica, 'dropEpoch'>;
  readonly log: Log;
  readonly state: () => Pick<PullState, 'targets' | 'phase'>;
  readonly onDropped: (pair: Pair) => void;
}

export const createEpochRepair = ({ replica, log, state, onDropped }: EpochRepairDeps): EpochRepair => {
  const drop: EpochRepair['drop'] = async ({ streamId, epoch }) => {
    log.warn('an epoch is dropped and pulled again', { streamId, epoch });
    const done = await replica.dropEpoch({ streamId, epoch });
    if (done.type === 'lost') return err({ type: 'lost', message: `the replica is being reopened: ${done.message}` });
    onDropped({ streamId, epoch });
    return ok(undefined);
  };

  const repair: EpochRepair['repair'] = async (pair) => {
    const { streamId, epoch } = pair;
    const { targets, phase } = state();
    if (!targets.has(pairKey(streamId, epoch))) {
      return err({ type: 'not-selected', message: `${streamId} epoch ${epoch} is not selected` });
    }
    if (phase !== 'live' && phase !== 'catchingUp') {
      return err({ type: 'offline', message: 'there is no relay to pull it from; what is held stays until there is' });
    }
    return drop(pair);
  };

  return { drop, repair };
};

/** Tells what the replica says of its epochs, now and after each comparison. Returns the way to stop. */
export const followVerdicts = async (
  replica: Pick<Replica, 'progress' | 'onChange'>,
  onCompared: (progress: readonly PairProgress[]) => void,
): Promise<() => void> => {
  const compare = async (): Promise<void> => onCompared(await replica.progress());
  const stop = replica.onChange(({ type }) => {
    if (type === 'checked' || type === 'rebuilt') void compare();
  });
  await compare();
  return stop;
};
