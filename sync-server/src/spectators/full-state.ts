import type { Race, Setup } from '@baton/schema/doc';
import type { FeedCut, FullState } from '@baton/schema/feed';
import type { ResultRow } from '@baton/schema/http';
import type { OnCourseRow } from '@baton/schema/results';
import type { EventRecord } from '../storage/records.ts';
import { publicCategories, publicEvent, publicRaces } from './public-shape.ts';

/** Rows of the first message: of each race, and of all. Who wants more pages through them over HTTP. */
const RACE_ROWS = 50;
const ALL_ROWS = 500;
const ON_COURSE_ROWS = 200;

/** A race as the first message tells it. */
export interface ToldRace {
  readonly race: Race;
  readonly page: (limit: number) => { readonly rows: readonly ResultRow[]; readonly total: number };
  readonly onCourse: (limit: number) => readonly OnCourseRow[];
  readonly onCourseTotal: () => number;
}

/** Everything a spectator begins with; a few hundred rows, however large the event. */
export const fullState = (
  cut: FeedCut,
  event: EventRecord,
  setup: Pick<Setup, 'rules'>,
  told: readonly ToldRace[],
  asOf: number,
): FullState => {
  const races = told.map(({ race }) => race);
  const results: ResultRow[] = [];
  const oncourse: OnCourseRow[] = [];
  const totals: Record<string, { readonly results: number; readonly oncourse: number }> = Object.create(null);
  for (const [at, { race, page, onCourse, onCourseTotal }] of told.entries()) {
    const { rows, total } = page(Math.min(RACE_ROWS, ALL_ROWS - results.length));
    results.push(...rows);
    // what one race leaves of its share the next ones may have
    oncourse.push(...onCourse(Math.ceil((ON_COURSE_ROWS - oncourse.length) / (told.length - at))));
    totals[race.raceId] = { results: total, oncourse: onCourseTotal() };
  }
  return {
    ...cut,
    event: publicEvent(event),
    races: publicRaces(races, setup),
    categories: publicCategories(races),
    results,
    oncourse,
    totals,
    asOf,
  };
};
