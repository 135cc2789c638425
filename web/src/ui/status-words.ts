import type { EventStatus } from '@baton/schema/http';
import type { Tone } from './pill.tsx';

/** An event's status in a word, and how it feels. */
export const STATUS_WORDS: Readonly<Record<EventStatus, { readonly word: string; readonly tone: Tone }>> = {
  draft: { word: 'Draft', tone: 'neutral' },
  startlist: { word: 'Start list', tone: 'info' },
  running: { word: 'Running', tone: 'ok' },
  finished: { word: 'Finished', tone: 'warn' },
  official: { word: 'Official', tone: 'ok' },
};
