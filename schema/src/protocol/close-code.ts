/**
 * WebSocket close codes. 4400–4499 are refusals for good: a client stops and shows the reason
 * (y-websocket clients do so by themselves). Everything else may be tried again.
 */
export const CLOSE = {
  normal: 1000,
  shuttingDown: 1001,
  tryLater: 1013,
  badFrame: 4400,
  unauthorized: 4401,
  forbidden: 4403,
  unknown: 4404,
  fenced: 4409,
  tooLarge: 4413,
  rate: 4429,
  /** The peer does not drain what it asked for; it may come back and resume. */
  tooSlow: 4508,
} as const;

export const isPermanentClose = (code: number): boolean => code >= 4400 && code <= 4499;
