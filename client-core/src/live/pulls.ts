import type { Log } from '@baton/schema/ports';
import type { Result } from '@baton/schema/result';
import type { Projection } from './consumer.ts';
import { type ProjectionRunner, runProjection } from './projection-runner.ts';
import { itemsOf, type Reporter } from './runner.ts';
import { isSetup, type LiveSource, type SourceFailure } from './source.ts';

/** Projections that catch up on call, in memory, apart from those that run live. */
export interface Pulls {
  readonly pull: <S>(projection: Projection<S>) => Promise<Result<S, SourceFailure>>;
}

interface Pulled<S> {
  readonly runner: ProjectionRunner<S>;
  /** One catching up at a time: a second call waits, then finds little to do. */
  last: Promise<unknown>;
}

export const createPulls = (source: LiveSource, log: Log): Pulls => {
  const pulled = new WeakMap<Projection<unknown>, Pulled<unknown>>();

  const reporter: Reporter = {
    onSkipped: (consumer, item, cause) =>
      log.error('a consumer threw; the item is skipped', { consumer, item, cause: String(cause) }),
    onGap: (consumer, message) => log.error('a pull brought reads out of order', { consumer, message }),
  };

  const catchUp = async <S>({ runner }: Pulled<S>): Promise<Result<S, SourceFailure>> => {
    const ended = await source.pull(runner.clock(), (item) => {
      if (isSetup(item)) runner.takeSetup(item);
      else runner.takeReads(itemsOf(item), () => {});
    });
    return ended.ok ? { ok: true, value: runner.state() } : ended;
  };

  return {
    pull: <S>(projection: Projection<S>) => {
      // the map is by the projection itself, so the state is that projection's
      const known = pulled.get(projection as Projection<unknown>) as Pulled<S> | undefined;
      const mine = known ?? { runner: runProjection(projection, null, reporter), last: Promise.resolve() };
      if (known === undefined) pulled.set(projection as Projection<unknown>, mine as Pulled<unknown>);
      const next = mine.last.then(() => catchUp(mine));
      mine.last = next;
      return next;
    },
  };
};
