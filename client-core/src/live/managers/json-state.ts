import type { StateCodec } from '../consumer.ts';

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * A state whose `course` is what the documents say. They are told again after each start, before the first read: a checkpoint
 * does not hold them.
 */
export const withoutCourse = <S extends { readonly course: unknown }>(
  read: (json: Readonly<Record<string, unknown>>) => Omit<S, 'course'> | null,
  with_: (kept: Omit<S, 'course'>) => S,
): StateCodec<S> => ({
  encode: ({ course: _, ...kept }) => kept,
  decode: (json) => {
    const kept = isRecord(json) ? read(json) : null;
    return kept === null ? null : with_(kept);
  },
});
