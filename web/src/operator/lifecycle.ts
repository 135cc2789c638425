import { EventStatus, TRANSITIONS } from '@baton/schema/http';
import type { Tone } from '../ui/pill.tsx';

/** The statuses in the order of an event's life. */
export const STATUSES: readonly EventStatus[] = EventStatus.options;

export const STATUS_WORDS: Readonly<Record<EventStatus, { readonly word: string; readonly tone: Tone }>> = {
  draft: { word: 'Draft', tone: 'neutral' },
  startlist: { word: 'Start list', tone: 'info' },
  running: { word: 'Running', tone: 'ok' },
  finished: { word: 'Finished', tone: 'warn' },
  official: { word: 'Official', tone: 'ok' },
};

/** A step the relay would take, and what it means to others. */
export interface Transition {
  readonly to: EventStatus;
  readonly action: string;
  readonly meaning: string;
  readonly back: boolean;
  readonly final: boolean;
}

const FORWARD: Readonly<Record<EventStatus, { readonly action: string; readonly meaning: string }>> = {
  draft: { action: 'Take it back to draft', meaning: 'The event disappears from the public pages.' },
  startlist: {
    action: 'Publish the start list',
    meaning: 'Everybody can see the event and its races from now on.',
  },
  running: { action: 'Start the event', meaning: 'Spectators see the results live, marked unofficial.' },
  finished: { action: 'Finish the event', meaning: 'Spectators see the results as finished, still unofficial.' },
  official: { action: 'Make results official', meaning: 'The results are final. This cannot be taken back.' },
};

const GO_BACK_TO_RUNNING = { action: 'Go back to running', meaning: 'Spectators see the event as running again.' };

/** What can come next, onward first; the relay decides in the end. */
export const transitionsFrom = (status: EventStatus): readonly Transition[] =>
  TRANSITIONS[status].map((to) => {
    const back = STATUSES.indexOf(to) < STATUSES.indexOf(status);
    const words = back && to === 'running' ? GO_BACK_TO_RUNNING : FORWARD[to];
    return { to, ...words, back, final: to === 'official' };
  });
