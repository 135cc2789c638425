import type { PullStatus, SharedReplica } from '@baton/client-core';
import { type ReadonlySignal, signal } from '@preact/signals';
import type { PullReport } from './pull-session.ts';

/** The running session of this receiver, in whichever tab it runs. */
export interface PullStore {
  readonly status: ReadonlySignal<PullStatus | null>;
  readonly stopped: ReadonlySignal<PullReport['stopped']>;
  readonly lostAt: ReadonlySignal<number | null>;
  readonly repairProblem: ReadonlySignal<string | null>;
  readonly stop: () => void;
}

export const createPullStore = (shared: Pick<SharedReplica, 'published' | 'onChange'>): PullStore => {
  const status = signal<PullStatus | null>(null);
  const stopped = signal<PullReport['stopped']>(null);
  const lostAt = signal<number | null>(null);
  const repairProblem = signal<string | null>(null);

  const show = (): void => {
    const report = shared.published() as PullReport | null;
    if (report === null) return;
    status.value = report.status;
    stopped.value = report.stopped;
    lostAt.value = report.lostAt;
    repairProblem.value = report.repairProblem;
  };
  const stop = shared.onChange(show);
  show();
  return { status, stopped, lostAt, repairProblem, stop };
};
