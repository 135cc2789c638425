import type { Race, Setup } from '@baton/schema/doc';
import { EventStatus, type StreamBody, TRANSITIONS } from '@baton/schema/http';
import { pairKey } from '@baton/schema/reads';

/** The statuses in the order of an event's life. */
export const STATUSES: readonly EventStatus[] = EventStatus.options;

/** What each status is to those who look on. */
export const SEEN: Readonly<Record<EventStatus, string>> = {
  draft: 'Only operators see the event.',
  startlist: 'Everybody sees the event and its races.',
  running: 'Spectators see the results live, marked unofficial.',
  finished: 'Spectators see the results as finished, still unofficial.',
  official: 'Spectators see the results as official. The status is final.',
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

const hasStart = (race: Race): boolean => race.startAt !== null || race.points.some((it) => it.kind === 'start');

const listed = (races: readonly Race[]): string => races.map((it) => it.name).join(', ');

/** Races that no stream's current epoch counts for; none while the streams are unknown. */
const unread = (races: readonly Race[], setup: Setup, streams: readonly StreamBody[] | null): readonly Race[] => {
  if (streams === null) return [];
  const read = new Set(streams.map(({ streamId, epoch }) => setup.epochRaces.get(pairKey(streamId, epoch))));
  return races.filter((it) => !read.has(it.raceId));
};

/** What an operator may have forgotten before a step onward. Nothing is refused for it. */
export const stepNotes = (to: EventStatus, setup: Setup, streams: readonly StreamBody[] | null): readonly string[] => {
  const races = [...setup.races.values()];
  if (to === 'draft') return [];
  if (races.length === 0) return ['The event has no race yet.'];
  if (to === 'official')
    return ['Set-up, roster and corrections can still be edited afterwards; what is official stays as it is.'];
  if (to !== 'running') return [];
  const startless = races.filter((it) => !hasStart(it));
  const silent = unread(races, setup, streams);
  return [
    ...(startless.length === 0 ? [] : [`No start yet, so no times: ${listed(startless)}.`]),
    ...(silent.length === 0 ? [] : [`No stream is assigned to: ${listed(silent)}.`]),
  ];
};
