import type { Pace } from '@baton/schema/roster';
import type { Reply } from './route.ts';

/** Items that are one answer, made at once; longer lists go out piece by piece. */
export const PAGE = 1000;
/** Items that are looked at, and written, in one step. */
export const STEP = 50;

/** The items of a JSON array with commas between them, some at a time; `bodyOf` makes an item when it is written. */
export async function* jsonItems<T>(
  items: readonly T[],
  bodyOf: (item: T) => unknown,
  pace: Pace,
): AsyncGenerator<string> {
  for (let from = 0; from < items.length; from += STEP) {
    const text = JSON.stringify(items.slice(from, from + STEP).map(bodyOf)).slice(1, -1);
    yield from === 0 ? text : `,${text}`;
    if (pace.isOver()) await pace.rest();
  }
}

async function* encoded(texts: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  for await (const text of texts) yield Buffer.from(text);
}

/** An answer whose JSON comes in pieces. */
export const jsonStream = (texts: AsyncIterable<string>, headers: Readonly<Record<string, string>> = {}): Reply => ({
  type: 'stream',
  chunks: encoded(texts),
  headers: { ...headers, 'Content-Type': 'application/json; charset=utf-8' },
});
