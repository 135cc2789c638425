import type { Log, Timer, Timers } from '@baton/schema/ports';
import type { Journal, JournalChange } from './journal.ts';

/**
 * `flowing`: changes reach the disk as they come. `behind`: more lines wait than should; the readers'
 * sockets must not be read until they have gone. `full`: the disk takes nothing; the same, and a person must act.
 */
export type JournalPressure =
  | { readonly type: 'flowing' }
  | { readonly type: 'behind' }
  | { readonly type: 'full'; readonly message: string };

export interface CommitQueueDeps {
  readonly journal: Journal;
  readonly timers: Timers;
  readonly log: Log;
}

export interface CommitQueueOptions {
  readonly onPressure: (pressure: JournalPressure) => void;
  /** The journal broke: nothing more will be written, the process must end. */
  readonly onFailed: (message: string) => void;
  /** Wait after a full disk before the next try. 1 s by default. */
  readonly retryMs?: number;
  /** Lines that may wait before the readers are held back. 4096 by default. */
  readonly maxWaitingLines?: number;
}

/** Changes on their way to the journal, in order; what waits goes together in one synced commit. */
export interface CommitQueue {
  /** @param onDurable called once the changes are on disk, in the order of the calls */
  readonly add: (changes: readonly JournalChange[], onDurable?: () => void) => void;
  /** Runs between two commits: what was added before is on disk, what is added meanwhile waits. */
  readonly between: (task: () => Promise<void>) => void;
  /**
   * Ends when nothing waits any more, or after `timeoutMs`; what is added later is ignored. Resolves with the
   * number of lines that did not reach the disk.
   */
  readonly close: (timeoutMs: number) => Promise<number>;
}

type Entry =
  | { readonly type: 'changes'; readonly changes: readonly JournalChange[]; readonly onDurable: () => void }
  | { readonly type: 'task'; readonly run: () => Promise<void> };

const linesOf = (entry: Entry): number =>
  entry.type === 'task'
    ? 0
    : entry.changes.reduce((sum, change) => sum + (change.type === 'append' ? change.lines.length : 0), 0);

export const createCommitQueue = (deps: CommitQueueDeps, options: CommitQueueOptions): CommitQueue => {
  const { journal, timers, log } = deps;
  const { onPressure, onFailed, retryMs = 1000, maxWaitingLines = 4096 } = options;
  const entries: Entry[] = [];
  let waitingLines = 0;
  let busy = false;
  /** Failed or closed: nothing more is written. */
  let over = false;
  let pressure: JournalPressure = { type: 'flowing' };
  let onIdle: (() => void) | null = null;

  const setPressure = (next: JournalPressure): void => {
    if (next.type === pressure.type) return;
    pressure = next;
    onPressure(next);
  };

  const fail = (message: string): void => {
    over = true;
    onFailed(message);
  };

  /** Everything up to the next task; a task alone. */
  const take = (): readonly Entry[] => {
    const end = entries.findIndex((entry) => entry.type === 'task');
    return entries.splice(0, end < 0 ? entries.length : Math.max(end, 1));
  };

  const done = (taken: readonly Entry[]): void => {
    waitingLines -= taken.reduce((sum, entry) => sum + linesOf(entry), 0);
    if (waitingLines <= maxWaitingLines / 4) setPressure({ type: 'flowing' });
    for (const entry of taken) if (entry.type === 'changes') entry.onDurable();
  };

  const pause = (): Promise<void> => new Promise((resolve) => timers.after(retryMs, resolve));

  const write = async (taken: readonly Entry[]): Promise<void> => {
    const changes = taken.flatMap((entry) => (entry.type === 'changes' ? entry.changes : []));
    for (;;) {
      const reply = await journal.commit(changes);
      if (reply.type === 'committed') break;
      if (reply.type === 'failed') {
        fail(reply.message);
        return;
      }
      if (pressure.type !== 'full')
        log.error('the disk is full: reads are held back until there is space', { ...reply });
      setPressure({ type: 'full', message: reply.message });
      await pause();
    }
    if (pressure.type === 'full') log.info('the disk has space again');
    done(taken);
  };

  const drain = async (): Promise<void> => {
    busy = true;
    while (entries.length > 0 && !over) {
      const taken = take();
      const [first] = taken;
      if (first?.type === 'task') await first.run();
      else await write(taken);
    }
    busy = false;
    onIdle?.();
  };

  const enqueue = (entry: Entry): void => {
    if (over) return;
    entries.push(entry);
    waitingLines += linesOf(entry);
    if (waitingLines > maxWaitingLines && pressure.type === 'flowing') setPressure({ type: 'behind' });
    if (!busy) drain().catch((error: unknown) => fail(error instanceof Error ? error.message : String(error)));
  };

  return {
    add: (changes, onDurable = () => {}) => enqueue({ type: 'changes', changes, onDurable }),
    between: (task) => enqueue({ type: 'task', run: task }),
    close: (timeoutMs) =>
      new Promise((resolve) => {
        const timer: Timer = timers.after(timeoutMs, () => onIdle?.());
        onIdle = () => {
          timer.clear();
          over = true;
          resolve(waitingLines);
        };
        if (!busy) onIdle();
      }),
  };
};
