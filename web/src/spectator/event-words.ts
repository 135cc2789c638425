import type { Tone } from '../ui/pill.tsx';
import type { EventStatus } from './public-body.ts';

/** What a status means to somebody who watches. */
export const STATUS_WORDS: Readonly<Record<EventStatus, { readonly word: string; readonly tone: Tone }>> = {
  draft: { word: 'In preparation', tone: 'neutral' },
  startlist: { word: 'Not started yet', tone: 'info' },
  running: { word: 'Live · unofficial', tone: 'ok' },
  finished: { word: 'Finished · unofficial', tone: 'warn' },
  official: { word: 'Official results', tone: 'neutral' },
};

export interface EventGroup<T> {
  readonly title: string;
  readonly events: readonly T[];
}

/** Live first, then what comes (soonest first), then what was (latest first). */
export const groupEvents = <T extends { readonly status: EventStatus; readonly date: string; readonly title: string }>(
  events: readonly T[],
): readonly EventGroup<T>[] => {
  const of = (...statuses: readonly EventStatus[]): readonly T[] => events.filter((it) => statuses.includes(it.status));
  const by = (sign: 1 | -1) => (a: T, b: T) => sign * a.date.localeCompare(b.date) || a.title.localeCompare(b.title);
  return [
    { title: 'Live now', events: [...of('running')].sort(by(1)) },
    { title: 'Coming up', events: [...of('draft', 'startlist')].sort(by(1)) },
    { title: 'Results', events: [...of('finished', 'official')].sort(by(-1)) },
  ].filter((group) => group.events.length > 0);
};
