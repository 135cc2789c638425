import {
  type FeedMessage,
  type FullState,
  isPacked,
  movedRow,
  type PublicRace,
  unpackedRow,
  type WireDiff,
} from '@baton/schema/feed';
import type { ResultRow } from '@baton/schema/http';
import type { OnCourseRow } from '@baton/schema/results';

/** What a page holds of one race that it follows from the first message on, by the rules of the feed. */
export interface Mirror {
  readonly apply: (message: FeedMessage) => void;
  readonly rows: () => ReadonlyMap<string, readonly ResultRow[]>;
  readonly onCourse: () => readonly OnCourseRow[];
  readonly total: () => number;
  readonly onCourseTotal: () => number;
  readonly version: () => number;
  readonly status: () => string | null;
}

const byBib = (rows: readonly ResultRow[]): Map<string, readonly ResultRow[]> => {
  const found = new Map<string, ResultRow[]>();
  for (const row of rows) found.set(row.bib, [...(found.get(row.bib) ?? []), row]);
  return found;
};

/** @param raceId the race; it has so few rows that the first message brings them all */
export const createMirror = (raceId: string): Mirror => {
  let rows = new Map<string, readonly ResultRow[]>();
  let course = new Map<string, OnCourseRow>();
  let [total, version] = [0, -1];
  let status: string | null = null;
  let courseTotal = 0;
  let points: PublicRace['points'] = [];

  const takeFull = ({ races, results, oncourse, totals, event, version: at }: FullState): void => {
    rows = byBib(results.filter((row) => row.raceId === raceId));
    course = new Map(oncourse.filter((it) => it.raceId === raceId).map((it) => [it.bib, it]));
    total = totals[raceId]?.results ?? 0;
    courseTotal = totals[raceId]?.oncourse ?? 0;
    points = races.find((it) => it.raceId === raceId)?.points ?? [];
    version = at;
    status = event.status;
  };

  const takeResults = ({ moved, gone, results, total: all }: WireDiff): void => {
    if (moved !== undefined) {
      rows = new Map([...rows].map(([bib, of]) => [bib, of.map((row) => movedRow(row, moved))]));
    }
    const plain = (results ?? []).map((row) => (isPacked(row) ? unpackedRow(row, raceId, points) : row));
    for (const bib of gone ?? []) rows.delete(bib);
    for (const [bib, of] of byBib(plain)) rows.set(bib, of);
    total = all ?? total;
  };

  const takeCourse = ({ raceId: of, oncourse, offcourse, oncourseTotal }: WireDiff): void => {
    for (const row of oncourse ?? []) if (row.raceId === raceId) course.set(row.bib, row);
    for (const it of offcourse ?? []) if (it.raceId === raceId) course.delete(it.bib);
    if (of === raceId) courseTotal = oncourseTotal ?? courseTotal;
  };

  const takeDiff = (diff: WireDiff): void => {
    if (diff.version !== version + 1) throw new Error(`version ${diff.version} came behind ${version}`);
    version = diff.version;
    status = diff.status ?? status;
    if (diff.raceId === raceId) takeResults(diff);
    takeCourse(diff);
  };

  return {
    apply: (message) => {
      if (message.type === 'refresh') throw new Error('told to refresh');
      if (message.type === 'full') takeFull(message.data);
      else takeDiff(message.data);
    },
    rows: () => rows,
    onCourse: () => [...course.values()],
    total: () => total,
    onCourseTotal: () => courseTotal,
    version: () => version,
    status: () => status,
  };
};

export const rowsByBib = byBib;
