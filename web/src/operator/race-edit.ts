import type { Point } from '@baton/schema/doc';
import { PointId } from '@baton/schema/ids';

/**
 * The id of a new timing point, from its name: points of the same name in two races get the same id,
 * because they are the same mat. `taken` are the ids of its own race.
 */
export const pointIdFor = (name: string, taken: ReadonlySet<string>): PointId => {
  const slug = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60);
  const base = slug === '' ? 'point' : slug;
  let candidate = base;
  for (let number = 2; taken.has(candidate); number++) candidate = `${base}-${number}`;
  return PointId.parse(candidate);
};

export const addPoint = (points: readonly Point[], name: string, kind: Point['kind']): readonly Point[] => [
  ...points,
  { pointId: pointIdFor(name, new Set(points.map((it) => it.pointId))), name, kind },
];

/** Moves a point along the course; at the ends nothing changes. */
export const movePoint = (points: readonly Point[], pointId: PointId, by: -1 | 1): readonly Point[] => {
  const from = points.findIndex((it) => it.pointId === pointId);
  const [point, other] = [points[from], points[from + by]];
  if (point === undefined || other === undefined) return points;
  return points.map((it, at) => (at === from ? other : at === from + by ? point : it));
};

export const changePoint = (
  points: readonly Point[],
  pointId: PointId,
  change: Partial<Pick<Point, 'name' | 'kind'>>,
): readonly Point[] => points.map((it) => (it.pointId === pointId ? { ...it, ...change } : it));

export const removePoint = (points: readonly Point[], pointId: PointId): readonly Point[] =>
  points.filter((it) => it.pointId !== pointId);

/**
 * A start as a `datetime-local` field shows it: `2026-04-18T09:00:00`. Null for one with a zone,
 * which such a field cannot hold.
 */
export const startAtField = (startAt: string | null): string | null => {
  if (startAt === null) return '';
  return /(?:Z|[+-]\d{2}:\d{2})$/.test(startAt) ? null : startAt;
};
