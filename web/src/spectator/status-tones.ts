import type { Tone } from '../ui/pill.tsx';
import type { EventStatus } from './public-body.ts';

/** How a status feels; its word says what it is. */
export const STATUS_TONES: Readonly<Record<EventStatus, Tone>> = {
  draft: 'neutral',
  startlist: 'info',
  running: 'ok',
  finished: 'warn',
  official: 'neutral',
};
