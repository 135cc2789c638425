import { type FeedMessage, movedRow } from '@baton/schema/feed';
import type { ResultRow } from '@baton/schema/http';
import type { OnCourseRow } from '@baton/schema/results';

/** What a page holds of one race that it follows from the first message on, by the rules of the feed. */
export interface Mirror {
  readonly apply: (message: FeedMessage) => void;
  readonly rows: () => ReadonlyMap<string, readonly ResultRow[]>;
  readonly onCourse: () => readonly OnCourseRow[];
  readonly total: () => number;
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

  return {
    apply: (message) => {
      if (message.type === 'refresh') throw new Error('told to refresh');
      if (message.type === 'full') {
        rows = byBib(message.data.results.filter((row) => row.raceId === raceId));
        course = new Map(message.data.oncourse.filter((it) => it.raceId === raceId).map((it) => [it.bib, it]));
        total = message.data.totals[raceId]?.results ?? 0;
        version = message.data.version;
        status = message.data.event.status;
        return;
      }
      const { data } = message;
      if (data.version !== version + 1) throw new Error(`version ${data.version} came behind ${version}`);
      version = data.version;
      status = data.status ?? status;
      const changed = byBib(data.results ?? []);
      if (data.raceId === raceId) {
        const { moved } = data;
        if (moved !== undefined) rows = new Map([...rows].map(([bib, of]) => [bib, of.map((row) => movedRow(row, moved))]));
        for (const bib of data.gone ?? []) rows.delete(bib);
        for (const [bib, of] of changed) rows.set(bib, of);
        total = data.total ?? total;
      }
      for (const row of data.oncourse ?? []) if (row.raceId === raceId) course.set(row.bib, row);
      for (const it of data.offcourse ?? []) if (it.raceId === raceId) course.delete(it.bib);
    },
    rows: () => rows,
    onCourse: () => [...course.values()],
    total: () => total,
    version: () => version,
    status: () => status,
  };
};

export const rowsByBib = byBib;
