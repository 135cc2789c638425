import type { Log } from '@baton/schema/ports';
import type { Replica } from '../replica.ts';
import { beginTenure, type OwnedDeps, type OwnedOptions, type OwnedReplica, type Tenure } from './owned-replica.ts';
import type { StorageChoice } from './storage-ladder.ts';
import type { TabMessage, TabWord } from './tab-line.ts';

/** What runs in the tab that owns the replica, as the session that fills it. */
export interface OwnerWork {
  readonly onCommand: (value: unknown) => void;
  /** Ends when the tab closes, or has lost the replica: then nothing more can be stored. */
  readonly end: () => Promise<void>;
}

export interface TenancyDeps extends OwnedDeps {
  readonly log: Log;
  /** Begun each time this tab has become the owner. */
  readonly work: (replica: Replica, storage: StorageChoice) => OwnerWork;
  readonly say: (word: TabWord) => void;
  readonly onOpened: (owned: OwnedReplica) => void;
  readonly onUnopenable: (message: string) => void;
}

/** This tab's part as the owner, now and again. */
export interface Tenancy {
  readonly open: () => void;
  /** At once: whoever has the lock now may write from now on. */
  readonly end: () => void;
  /** Null while this tab owns nothing, or opens it. */
  readonly owned: () => OwnedReplica | null;
  /** This tab has the lock. */
  readonly isOn: () => boolean;
  /** Answers another tab. */
  readonly serve: (call: Extract<TabMessage, { type: 'call' }>) => Promise<void>;
  /** False: there is no work here to take it. */
  readonly command: (value: unknown) => boolean;
  /** Waits for what is under way. */
  readonly close: () => Promise<void>;
}

const MAX_SERVED = 64;

export const createTenancy = (deps: TenancyDeps, options: OwnedOptions): Tenancy => {
  let tenure: Tenure | null = null;
  let owned: OwnedReplica | null = null;
  let work: OwnerWork | null = null;
  let served = 0;

  const open = async (): Promise<void> => {
    const mine = beginTenure(deps, options);
    tenure = mine;
    const opened = await mine.open();
    if (tenure !== mine) return mine.end();
    if (!opened.ok) return deps.onUnopenable(opened.error);
    owned = opened.value;
    deps.onOpened(owned);
    work = deps.work(owned.replica, owned.storage());
  };

  return {
    open: () => void open(),
    end: () => {
      tenure?.end();
      const over = work;
      [tenure, owned, work] = [null, null, null];
      void over?.end();
    },
    owned: () => owned,
    isOn: () => tenure !== null,
    serve: async ({ from, id, method, args }) => {
      if (owned === null || served >= MAX_SERVED) return; // the call ends by its own time
      served++;
      const ask = owned.replica[method] as (...given: readonly unknown[]) => Promise<unknown>;
      try {
        deps.say({ type: 'answer', to: from, id, value: await ask(...args) });
      } catch (error) {
        deps.log.error('a call of another tab failed', { method, error: String(error) });
      } finally {
        served--;
      }
    },
    command: (value) => {
      work?.onCommand(value);
      return work !== null;
    },
    close: async () => {
      const [open, over] = [owned, work];
      work = null;
      await over?.end();
      await open?.replica.close();
    },
  };
};
