import type { Timer, Timers } from '@baton/schema/ports';
import type { ProbedSocket } from '../transport/peer-socket.ts';

export interface ProbeTimes {
  readonly pingMs: number;
  /** How long an answer may take. */
  readonly pongMs: number;
}

/** Pings a peer; who has not answered a ping in time is gone at that moment, not at the next ping. */
export const startProbe = (
  socket: Pick<ProbedSocket, 'ping' | 'onPong'>,
  timers: Timers,
  { pingMs, pongMs }: ProbeTimes,
  onSilent: () => void,
): Timer => {
  let overdue: Timer | null = null;
  const stop = (): void => {
    pings.clear();
    overdue?.clear();
    overdue = null;
  };
  const pings = timers.every(pingMs, () => {
    socket.ping();
    overdue ??= timers.after(pongMs, () => {
      stop();
      onSilent();
    });
  });
  socket.onPong(() => {
    overdue?.clear();
    overdue = null;
  });
  return { clear: stop };
};
