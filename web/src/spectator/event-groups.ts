import type { EventStatus } from './public-body.ts';
import type { Word } from './word.ts';

export interface EventGroup<T> {
  readonly title: Word;
  readonly events: readonly T[];
}

/** Live first, then what comes (soonest first), then what was (latest first). */
export const groupEvents = <T extends { readonly status: EventStatus; readonly date: string; readonly title: string }>(
  events: readonly T[],
): readonly EventGroup<T>[] => {
  const of = (...statuses: readonly EventStatus[]): readonly T[] => events.filter((it) => statuses.includes(it.status));
  const by = (sign: 1 | -1) => (a: T, b: T) => sign * a.date.localeCompare(b.date) || a.title.localeCompare(b.title);
  const groups: readonly EventGroup<T>[] = [
    { title: 'groupLive', events: [...of('running')].sort(by(1)) },
    { title: 'groupNext', events: [...of('draft', 'startlist')].sort(by(1)) },
    { title: 'groupPast', events: [...of('finished', 'official')].sort(by(-1)) },
  ];
  return groups.filter((group) => group.events.length > 0);
};
