import type { PairProgress, Replica, ResultsState } from '@baton/client-core';
import type { Timer, Timers } from '@baton/schema/ports';
import { batch, type ReadonlySignal, signal } from '@preact/signals';

/** What the replica says of itself: each epoch it holds, and up to where its results are computed. */
export interface HeldStore {
  readonly progress: ReadonlySignal<readonly PairProgress[]>;
  readonly results: ReadonlySignal<ResultsState | null>;
  readonly stop: () => void;
}

/** Changes of a burst are looked at together; people read slower. */
const PAUSE_MS = 400;

export const createHeldStore = (deps: {
  readonly replica: Pick<Replica, 'progress' | 'resultsState' | 'onChange'>;
  readonly timers: Timers;
}): HeldStore => {
  const { replica, timers } = deps;
  const progress = signal<readonly PairProgress[]>([]);
  const results = signal<ResultsState | null>(null);
  let next: Timer | null = null;
  let state: 'idle' | 'asking' | 'stopped' = 'idle';
  let isStale = false;

  const soon = (): void => {
    isStale = true;
    if (state === 'idle') next ??= timers.after(PAUSE_MS, () => void look());
  };

  const look = async (): Promise<void> => {
    [state, isStale, next] = ['asking', false, null];
    const [held, computed] = await Promise.all([replica.progress(), replica.resultsState()]);
    if ((state as string) === 'stopped') return;
    state = 'idle';
    batch(() => {
      progress.value = held;
      results.value = computed;
    });
    if (isStale) soon();
  };

  const stopChanges = replica.onChange(soon);
  void look();
  return {
    progress,
    results,
    stop: () => {
      state = 'stopped';
      stopChanges();
      next?.clear();
    },
  };
};
