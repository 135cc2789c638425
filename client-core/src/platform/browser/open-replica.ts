import type { Log, Timer, Timers } from '@baton/schema/ports';
import { silentLog } from '@baton/schema/ports';
import type { PullStatus } from '../../reads/pull-status.ts';
import { pullTuning } from '../../replica/browser/pull-tuning.ts';
import { openSharedReplica, type SharedReplica } from '../../replica/browser/shared-replica.ts';
import { openTabLine } from '../../replica/browser/tab-line.ts';
import { type OpenedReplica, openedReplica } from '../../replica/opened-replica.ts';
import { type PullSource, pullFrom } from '../../replica/pull-source.ts';
import { openWebSocket } from './web-socket.ts';

export interface BrowserReplicaOptions {
  /** Of the database in this browser: 1–128 characters of `A-Za-z0-9._~-`. Tabs that name the same share it. */
  readonly name: string;
  /**
   * Makes a worker whose script imports `@baton/client-core/replica-worker`. Bundlers want to see it in the page's own code:
   * `() => new Worker(new URL('./replica-worker.js', import.meta.url), { type: 'module' })`
   */
  readonly startWorker: () => Worker;
  /** Without it, only what is held already is shown. */
  readonly pull?: PullSource;
  readonly log?: Log;
}

/** A replica in a browser, with what only browsers have. */
export interface BrowserReplica extends OpenedReplica, Pick<SharedReplica, 'ownership' | 'storage'> {}

const timer = (clear: () => void): Timer => ({ clear });

const timers: Timers = {
  after: (ms, run) => {
    const id = setTimeout(run, ms);
    return timer(() => clearTimeout(id));
  },
  every: (ms, run) => {
    const id = setInterval(run, ms);
    return timer(() => clearInterval(id));
  },
  mono: () => performance.now(),
};

const uuid = (): string => Array.from(crypto.getRandomValues(new Uint32Array(4)), (it) => it.toString(16)).join('-');

const onLifecycle = (listener: (event: 'frozen' | 'resumed') => void): (() => void) => {
  const frozen = (): void => listener('frozen');
  const resumed = (): void => listener('resumed');
  document.addEventListener('freeze', frozen);
  document.addEventListener('resume', resumed);
  return () => {
    document.removeEventListener('freeze', frozen);
    document.removeEventListener('resume', resumed);
  };
};

/** Opens, or joins, the replica of this browser: one for all its tabs, kept on the device where that is possible. */
export const openReplica = ({ name, startWorker, pull, log = silentLog }: BrowserReplicaOptions): BrowserReplica => {
  const locks = 'locks' in navigator ? navigator.locks : null;
  const ports = {
    clock: { now: () => Date.now() },
    timers,
    random: { next: () => Math.random() },
    log,
    openSocket: openWebSocket,
  };
  const shared: SharedReplica = openSharedReplica(
    {
      ...ports,
      ids: { uuid },
      locks,
      onLifecycle,
      openLine: openTabLine,
      startWorker,
      storage: { manager: navigator.storage ?? null, indexedDb: globalThis.indexedDB ?? null },
      work: (replica, storage) => {
        if (pull === undefined) return { onCommand: () => {}, end: async () => {} };
        const running = pullFrom(ports, pull, replica, shared.publish, pullTuning(storage.mode));
        return { onCommand: () => {}, end: running.end };
      },
    },
    {
      name,
      modes: locks === null ? ['memory'] : ['opfs', 'indexeddb', 'memory'],
      limits: { openMs: 60_000, callMs: 60_000 },
    },
  );
  return {
    ...openedReplica(shared.replica, timers, () => shared.published() as PullStatus | null, shared.close),
    ownership: shared.ownership,
    storage: shared.storage,
  };
};
