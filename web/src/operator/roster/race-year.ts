import type { Race } from '@baton/schema/doc';

/** The year that ages are counted in: the race's own, else the event's; NaN while neither is known, which fits no age. */
export const raceYear = (race: Pick<Race, 'startAt'> | undefined, eventDate: string | null): number =>
  Number.parseInt((race?.startAt ?? eventDate ?? '').slice(0, 4), 10);
