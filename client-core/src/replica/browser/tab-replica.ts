import { err, ok, type Result } from '@baton/schema/result';
import type { Listeners } from '../listeners.ts';
import type { Commit, Lost, ReadPage, Replica, ReplicaChange, ReplicaEnd } from '../replica.ts';
import type { OwnerCalls, Unanswered } from './owner-calls.ts';
import type { ReadMethod } from './tab-line.ts';

/** Where a call goes just now. */
export type Place =
  | { readonly type: 'here'; readonly replica: Replica }
  | {
      readonly type: 'owner';
      readonly call: OwnerCalls['call'];
    }
  | { readonly type: 'nowhere'; readonly message: string };

export interface TabReplicaDeps {
  /** Waits, bounded, while nobody owns it. */
  readonly place: () => Promise<Place>;
  /** Rises with each other database. */
  readonly era: () => number;
  readonly commits: Listeners<Commit>;
  readonly changes: Listeners<ReplicaChange>;
  readonly isClosed: () => boolean;
  readonly close: () => Promise<void>;
}

type Value<M extends ReadMethod> = Awaited<ReturnType<Replica[M]>>;

/** Rebuilds that one database may count before its era looks like the next. */
const ERA = 1_000_000;
const NOT_HERE: Lost = { type: 'lost', message: 'only the tab that owns the replica stores' };

/**
 * A replica as any tab has it, owner or not, through every hand-over. Reads that were under way to an owner that is
 * no more are asked once more, of whoever owns it then; only the owner stores.
 */
export const createTabReplica = (deps: TabReplicaDeps): Replica => {
  const once = async (
    place: Place,
    method: ReadMethod,
    args: readonly unknown[],
  ): Promise<Result<unknown, Unanswered>> => {
    switch (place.type) {
      case 'nowhere':
        return err({ type: 'lost', message: place.message, askAgain: true });
      case 'owner':
        return place.call(method, args);
      case 'here': {
        const ask = place.replica[method] as (...args: readonly unknown[]) => Promise<unknown>;
        return ok(await ask(...args));
      }
    }
  };

  const read = async <M extends ReadMethod>(
    method: M,
    ...args: Parameters<Replica[M]>
  ): Promise<Result<Value<M>, Lost>> => {
    const first = await once(await deps.place(), method, args);
    const isOver = first.ok || !first.error.askAgain;
    // the owner answers a method with what its replica returns
    return (isOver ? first : await once(await deps.place(), method, args)) as Result<Value<M>, Lost>;
  };

  const orElse = async <T>(asked: Promise<Result<T, Lost>>, otherwise: T): Promise<T> => {
    const answer = await asked;
    return answer.ok ? answer.value : otherwise;
  };

  const here = async (): Promise<Replica | null> => {
    const place = await deps.place();
    return place.type === 'here' ? place.replica : null;
  };

  const inThisEra = <T extends ReplicaEnd | ReadPage>(value: T): T => ({
    ...value,
    generation: deps.era() * ERA + value.generation,
  });

  return {
    clock: () => orElse(read('clock'), new Map()),
    query: async (...args) => {
      const rows = await read('query', ...args);
      return rows.ok ? rows.value : rows;
    },
    select: async (...args) => {
      const page = await read('select', ...args);
      return page.ok ? page.value : page;
    },
    progress: () => orElse(read('progress'), []),
    resultsState: () => orElse(read('resultsState'), { pos: 0, endPos: 0, current: false }),
    targets: () => orElse(read('targets'), []),
    end: async () => inThisEra(await orElse(read('end'), { generation: 0, pos: 0, clock: new Map() })),
    readFrom: async (scope, afterPos, limit) => {
      const nothing = { generation: 0, reads: [], nextPos: afterPos, atEnd: deps.isClosed() };
      return inThisEra(await orElse(read('readFrom', scope, afterPos, limit), nothing));
    },
    applyReads: async (frames) => (await here())?.applyReads(frames) ?? NOT_HERE,
    applyTargets: async (targets) => (await here())?.applyTargets(targets) ?? NOT_HERE,
    applySetup: async (rows) => (await here())?.applySetup(rows) ?? NOT_HERE,
    dropEpoch: async (pair) => (await here())?.dropEpoch(pair) ?? NOT_HERE,
    onCommit: deps.commits.add,
    onChange: deps.changes.add,
    close: deps.close,
  };
};
