/** Longest pause after failures in a row. */
const MAX_PAUSE_MS = 15_000;

/**
 * Pause until the next try. Failures double it, and the jitter keeps a thousand phones that lost
 * the relay together from coming back together.
 */
export const pauseAfter = (everyMs: number, failures: number, random: number): number => {
  if (failures === 0) return everyMs;
  const bound = Math.max(everyMs, Math.min(MAX_PAUSE_MS, everyMs * 2 ** Math.min(failures, 10)));
  return Math.round(bound * (0.5 + random / 2));
};
