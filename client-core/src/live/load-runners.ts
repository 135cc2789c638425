import type { Log } from '@baton/schema/ports';
import { err, ok, type Result } from '@baton/schema/result';
import { type Checkpoint, decodeCheckpoint } from './checkpoint.ts';
import type { Projection, StateCodec } from './consumer.ts';
import type { LiveOptions } from './live-config.ts';
import { type ProcessDeps, runProcess } from './process-runner.ts';
import { type ProjectionRunner, runProjection } from './projection-runner.ts';
import type { Runner } from './runner.ts';
import type { LiveStore, StoreFailure } from './store.ts';

/** Every consumer, at the position of its checkpoint. */
export interface LoadedRunners {
  readonly all: readonly Runner[];
  readonly projections: ReadonlyMap<Projection<unknown>, ProjectionRunner<unknown>>;
}

interface Owner {
  readonly name: string;
  readonly version: string;
  readonly codec?: StateCodec<unknown>;
}

type Loading<T> = Promise<Result<T, StoreFailure>>;

/** An unreadable checkpoint, or one of other logic, is no loss: everything is computed anew. */
const loadCheckpoint = async (store: LiveStore, log: Log, owner: Owner): Loading<Checkpoint<unknown> | null> => {
  const stored = await store.load(owner.name);
  if (!stored.ok || stored.value === null) return stored.ok ? ok(null) : stored;
  const checkpoint = decodeCheckpoint(owner, stored.value);
  if (checkpoint.ok) return checkpoint;
  const reason = checkpoint.error.message;
  log.warn('a checkpoint is not used; the consumer is computed anew', { consumer: owner.name, reason });
  return ok(null);
};

export const loadRunners = async (
  deps: ProcessDeps & { readonly log: Log },
  { checkpoints, projections = [], processManagers = [] }: LiveOptions,
): Loading<LoadedRunners> => {
  const folds = new Map<Projection<unknown>, ProjectionRunner<unknown>>();
  const all: Runner[] = [];
  for (const projection of projections) {
    const from = await loadCheckpoint(checkpoints, deps.log, projection);
    if (!from.ok) return from;
    const runner = runProjection(projection, from.value, deps.reporter);
    folds.set(projection, runner);
    all.push(runner);
  }
  for (const manager of processManagers) {
    const from = await loadCheckpoint(checkpoints, deps.log, manager);
    if (!from.ok) return from;
    all.push(runProcess(manager, from.value, deps));
  }
  return ok({ all, projections: folds });
};

/** Saves what changed, one after the other. The first failure is the answer; the others are tried all the same. */
export const saveRunners = async (store: LiveStore, log: Log, runners: readonly Runner[]): Loading<void> => {
  let failure: StoreFailure | null = null;
  for (const runner of runners) {
    const unsaved = runner.unsaved();
    if (unsaved === null) continue;
    const saved = await store.save(runner.name, unsaved.text);
    if (saved.ok) {
      unsaved.saved();
      continue;
    }
    failure ??= saved.error;
    log.error('a checkpoint could not be saved', { consumer: runner.name, error: saved.error.message });
  }
  return failure === null ? ok(undefined) : err(failure);
};
