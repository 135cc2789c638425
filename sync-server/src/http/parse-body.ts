import { fieldsOf, type Refusal, refusal } from '@baton/schema/errors';
import { err, ok, type Result } from '@baton/schema/result';
import type { Sliced } from '@baton/schema/roster';
import { z } from 'zod';

const unexpected = (error: z.ZodError, what: string): Result<never, Refusal> =>
  err(refusal('BAD_REQUEST', `the ${what} is not as expected`, { fields: fieldsOf(error) }));

/** What came in, as a schema has it; a route without a schema never looks at it. */
export const parse = <T>(schema: z.ZodType<T> | undefined, value: unknown, what: string): Result<T, Refusal> => {
  if (schema === undefined) return ok(undefined as T);
  const parsed = schema.safeParse(value);
  if (parsed.success) return ok(parsed.data);
  return unexpected(parsed.error, what);
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Items of a list parsed at once. */
const PIECE = 100;

type Body = Readonly<Record<string, unknown>>;

interface LongList {
  readonly field: string;
  readonly items: readonly unknown[];
}

const longLists = (body: Body, lists: Readonly<Record<string, number>>): readonly LongList[] =>
  Object.keys(lists).flatMap((field) => {
    const items = body[field];
    return Array.isArray(items) && items.length > PIECE ? [{ field, items }] : [];
  });

const tooLong = (found: readonly LongList[], lists: Readonly<Record<string, number>>): Refusal | null => {
  const over = found.find(({ field, items }) => items.length > (lists[field] ?? 0));
  if (over === undefined) return null;
  const fields = { [over.field]: `expected at most ${lists[over.field]} items` };
  return refusal('BAD_REQUEST', 'the body is not as expected', { fields });
};

/** Where in the whole list a piece's problem is. */
const moved = ({ issues }: z.ZodError, field: string, from: number): z.ZodError =>
  new z.ZodError(
    issues.map((issue) => {
      const [name, index, ...rest] = issue.path;
      return name === field && typeof index === 'number' ? { ...issue, path: [name, index + from, ...rest] } : issue;
    }),
  );

/** A schema of long lists in pieces: the body with the beginning of each, and then each stretch of them as a body of its own. */
export function* parseLists<T>(
  schema: z.ZodType<T>,
  value: unknown,
  lists: Readonly<Record<string, number>>,
): Sliced<Result<T, Refusal>> {
  const long = isObject(value) ? longLists(value, lists) : [];
  if (!isObject(value) || long.length === 0) return parse(schema, value, 'body');
  const refused = tooLong(long, lists);
  if (refused !== null) return err(refused);
  const beginnings = Object.fromEntries(long.map(({ field, items }) => [field, items.slice(0, PIECE)]));
  const first = parse(schema, { ...value, ...beginnings }, 'body');
  if (!first.ok) return first;
  const rest = Object.fromEntries(Object.entries(value).filter(([field]) => !(field in lists)));
  const whole: Record<string, unknown> = Object.assign({}, first.value);
  for (const { field, items } of long) {
    const parsed: unknown[] = [];
    for (let from = 0; from < items.length; from += PIECE) {
      yield;
      const part = schema.safeParse({ ...rest, [field]: items.slice(from, from + PIECE) });
      if (!part.success) return unexpected(moved(part.error, field, from), 'body');
      const found = (part.data as Body)[field];
      if (Array.isArray(found)) for (const item of found) parsed.push(item);
    }
    whole[field] = parsed;
  }
  return ok(whole as T);
}
