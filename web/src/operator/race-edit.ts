import { type Point, patchRace, type Race, type RacePatch } from '@baton/schema/doc';
import { PointId, type RaceId } from '@baton/schema/ids';
import type { SetupStore } from './setup-store.ts';

/** As many as a race may have; the relay's API takes no more. */
export const MAX_POINTS = 200;
export const MAX_CATEGORIES = 500;

/**
 * Changes a race as it is now, and not as it was drawn: what another operator put into a list
 * meanwhile stays in it.
 */
export const editRace = (
  setup: Pick<SetupStore, 'setup' | 'edit'>,
  raceId: RaceId,
  change: (race: Race) => RacePatch,
): void => {
  const race = setup.setup.peek().races.get(raceId);
  if (race !== undefined) setup.edit((doc) => patchRace(doc, raceId, change(race)));
};

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

/** Moves what `matches` takes one place up or down; at the ends nothing changes. */
export const moveItem = <T>(items: readonly T[], matches: (item: T) => boolean, by: -1 | 1): readonly T[] => {
  const from = items.findIndex(matches);
  const [item, other] = [items[from], items[from + by]];
  if (item === undefined || other === undefined) return items;
  return items.map((it, at) => (at === from ? other : at === from + by ? item : it));
};

export const movePoint = (points: readonly Point[], pointId: PointId, by: -1 | 1): readonly Point[] =>
  moveItem(points, (it) => it.pointId === pointId, by);

export const changePoint = (
  points: readonly Point[],
  pointId: PointId,
  change: Partial<Pick<Point, 'name' | 'kind'>>,
): readonly Point[] => points.map((it) => (it.pointId === pointId ? { ...it, ...change } : it));

export const removePoint = (points: readonly Point[], pointId: PointId): readonly Point[] =>
  points.filter((it) => it.pointId !== pointId);

/** Names that more than one has, ignoring case; as the first writes it. */
export const doubledNames = (items: readonly { readonly name: string }[]): readonly string[] => {
  const groups = new Map<string, { readonly name: string; count: number }>();
  for (const { name } of items) {
    const key = name.trim().toLowerCase();
    const group = groups.get(key) ?? { name, count: 0 };
    group.count += 1;
    groups.set(key, group);
  }
  return [...groups.values()].filter((it) => it.count > 1).map((it) => it.name);
};

/** What is odd about a course. Nothing is refused: it may be half entered. */
export const pointNotes = (points: readonly Point[]): readonly string[] => {
  if (points.length === 0) return [];
  const notes: string[] = [];
  const finishes = points.filter((it) => it.kind === 'finish');
  if (finishes.length === 0) notes.push('No point is a finish: nobody can finish this race.');
  if (finishes.length > 1)
    notes.push(`${finishes.length} points are a finish: whoever crosses one of them has finished.`);
  const lastFinish = points.findLastIndex((it) => it.kind === 'finish');
  if (finishes.length > 0 && lastFinish < points.length - 1) notes.push('There are points behind the finish.');
  if (points.slice(1).some((it) => it.kind === 'start')) notes.push('A start is not the first point.');
  for (const name of doubledNames(points)) notes.push(`Two points are called “${name}”.`);
  return notes;
};
