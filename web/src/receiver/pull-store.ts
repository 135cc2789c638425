import type { ConnectionState, PullClient, PullStatus } from '@baton/client-core';
import type { Clock, Timers } from '@baton/schema/ports';
import { type ReadonlySignal, signal } from '@preact/signals';

/** The running session of this receiver. */
export interface PullStore {
  readonly status: ReadonlySignal<PullStatus | null>;
  /** Set when the relay refused the session for good: its close code and words. */
  readonly stopped: ReadonlySignal<{ readonly code: number; readonly reason: string } | null>;
  /** When the relay was last connected, in ms since the Unix epoch; null while it is, and before the first time. */
  readonly lostAt: ReadonlySignal<number | null>;
}

export interface PullFollower {
  readonly store: PullStore;
  readonly onConnection: (state: ConnectionState) => void;
  readonly follow: (client: PullClient) => void;
}

/** The status changes with every frame; people read slower. */
const SHOW_MS = 100;

export const createPullStore = (deps: { readonly clock: Clock; readonly timers: Timers }): PullFollower => {
  const { clock, timers } = deps;
  const status = signal<PullStatus | null>(null);
  const stopped = signal<PullStore['stopped']['value']>(null);
  const lostAt = signal<number | null>(null);
  let wasLive = false;
  return {
    store: { status, stopped, lostAt },
    onConnection: (state) => {
      stopped.value = state.type === 'stopped' ? { code: state.code, reason: state.reason } : null;
      if (state.type === 'live') {
        wasLive = true;
        lostAt.value = null;
      } else if (wasLive) {
        wasLive = false;
        lostAt.value = clock.now();
      }
    },
    follow: (client) => {
      status.value = client.status();
      let waiting = false;
      client.onStatus(() => {
        if (waiting) return;
        waiting = true;
        timers.after(SHOW_MS, () => {
          waiting = false;
          status.value = client.status();
        });
      });
    },
  };
};
