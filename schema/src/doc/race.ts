import { z } from 'zod';
import { PointId, RaceId } from '../ids.ts';

export const Sex = z.enum(['F', 'M', 'X']);
export type Sex = z.infer<typeof Sex>;

export const PointKind = z.enum(['start', 'split', 'finish']);
export type PointKind = z.infer<typeof PointKind>;

/** A name people gave: trimmed, not empty, at most 200 characters. */
export const Label = z.string().trim().min(1, 'expected a name').max(200);

const LOCAL = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?$/;
const ZONED = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/;

const isStart = (text: string): boolean => {
  if (ZONED.test(text)) return !Number.isNaN(Date.parse(text));
  if (!LOCAL.test(text)) return false;
  const time = Date.parse(`${text}Z`);
  // Date.parse takes 30 February for 1 March
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text.slice(0, 16));
};

/**
 * A gun start: an instant (`2026-03-06T09:00:00Z`, `…+01:00`), or without a zone the event's own
 * wall time (`2026-03-06T10:00:00.5`).
 */
export const StartAt = z
  .string()
  .max(40)
  .refine(isStart, 'expected YYYY-MM-DDTHH:MM[:SS[.mmm]] with Z, an offset, or nothing for local time');

export const CategoryId = z.string().trim().min(1).max(128);

const Age = z.int().min(0).max(150);

/** A timing point of a race; its place in the list is its order on the course. */
export const PointInput = z.object({ pointId: PointId, name: Label, kind: PointKind });
export type Point = Readonly<z.infer<typeof PointInput>>;

export const CategoryInput = z.object({
  categoryId: CategoryId,
  name: Label,
  sex: Sex.nullish(),
  ageFrom: Age.nullish(),
  ageTo: Age.nullish(),
});
export type CategoryInput = z.infer<typeof CategoryInput>;

export interface Category {
  readonly categoryId: string;
  readonly name: string;
  /** Null: any. */
  readonly sex: Sex | null;
  /** Both inclusive; null: no bound. */
  readonly ageFrom: number | null;
  readonly ageTo: number | null;
}

export interface Race {
  readonly raceId: RaceId;
  readonly name: string;
  readonly startAt: string | null;
  /** In course order. */
  readonly points: readonly Point[];
  readonly categories: readonly Category[];
}

const distinct = <T>(items: readonly T[], idOf: (item: T) => string): boolean =>
  new Set(items.map(idOf)).size === items.length;

/** What an operator may change of a race; lists replace the former list. */
export const RacePatch = z.object({
  name: Label.optional(),
  startAt: StartAt.nullable().optional(),
  points: z
    .array(PointInput)
    .max(200)
    .refine((points) => distinct(points, (point) => point.pointId), 'expected distinct point ids')
    .optional(),
  categories: z
    .array(CategoryInput)
    .max(500)
    .refine((categories) => distinct(categories, (category) => category.categoryId), 'expected distinct category ids')
    .optional(),
});
export type RacePatch = z.infer<typeof RacePatch>;

/** A race to create; its id is fresh (a UUID), so that no two replicas ever create the same one. */
export const RaceInput = RacePatch.extend({ raceId: RaceId, name: Label });
export type RaceInput = z.infer<typeof RaceInput>;
