import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';

/** As `toStrictEqual`, for values compared thousands of times or of thousands of parts: explained only when they differ. */
export const expectSame = (actual: unknown, expected: unknown): void => {
  if (isDeepStrictEqual(actual, expected)) return;
  expect(actual).toStrictEqual(expected);
  expect.fail('the values differ in a way that only isDeepStrictEqual tells');
};
