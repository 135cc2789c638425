import type { PairKey, VectorClock } from '@baton/schema/reads';
import type { Checkpoint } from './checkpoint.ts';
import type { LiveItem, Projection } from './consumer.ts';
import { describeItem, newReadsOf, type Reporter, type Runner } from './runner.ts';
import { trackUnsaved } from './unsaved-state.ts';

export interface ProjectionRunner<S> extends Runner {
  readonly state: () => S;
}

/** Folds at once: what it was given is in the state when `takeReads` returns. */
export const runProjection = <S>(
  projection: Projection<S>,
  from: Checkpoint<S> | null,
  reporter: Reporter,
): ProjectionRunner<S> => {
  let state = from?.state ?? projection.initial();
  const clock = new Map<PairKey, number>(from?.clock);
  let skipped = 0;
  let stopped = false;
  const unsaved = trackUnsaved(projection, () => ({ state, clock }), from !== null);

  const apply = (item: LiveItem): void => {
    try {
      state = projection.apply(state, item);
    } catch (error) {
      skipped++;
      reporter.onSkipped(projection.name, describeItem(item), error);
    }
    unsaved.changed();
  };

  return {
    name: projection.name,
    state: () => state,
    clock: (): VectorClock => clock,
    takeReads: (run, done) => {
      const found = newReadsOf(clock, run);
      if (found.type === 'gap') return reporter.onGap(projection.name, found.message);
      if (found.type === 'new' && !stopped) {
        for (const item of found.items) {
          apply(item);
          clock.set(found.key, item.seq);
        }
      }
      done();
    },
    takeSetup: (setup) => {
      if (!stopped) apply(setup);
    },
    drained: () => Promise.resolve(),
    clear: () => {},
    stop: () => {
      stopped = true;
      return Promise.resolve();
    },
    unsaved: unsaved.take,
    status: () => ({ name: projection.name, clock: new Map(clock), skipped, waitsFor: null }),
  };
};
