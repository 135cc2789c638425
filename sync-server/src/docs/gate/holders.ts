import * as Y from 'yjs';
import { refuse } from './byte-reader.ts';
import type { GateLimits } from './limits.ts';

export type SharedType = Y.ContentType['type'];

/** A map, list or text, of the document or of the update; Yjs tells them apart by what is in them only. */
export interface Holder {
  /** Null: the update makes it. */
  readonly type: SharedType | null;
  readonly depth: number;
  /** The outermost one that is a value and holds this one, or is it; null for a root. */
  readonly outermost: Outermost | null;
  /** Of a list, once it has been counted. */
  list: ListSize | null;
}

/** Yjs deletes what is a value with all that is below it at once. */
interface Outermost {
  readonly type: SharedType | null;
  size: Below | null;
}

/** `keys` and pieces of lists that are deleted, and what is copied when Yjs makes one struct of those pieces. */
interface Below {
  keys: number;
  copies: number;
}

interface ListSize {
  pieces: number;
  values: number;
}

const sizeOfList = (type: SharedType, enough: number): ListSize => {
  const size = { pieces: 0, values: 0 };
  for (let item = type._start; item !== null && size.pieces <= enough; item = item.right) {
    size.pieces++;
    if (item.content instanceof Y.ContentAny) size.values += item.length;
  }
  return size;
};

function* typesIn(type: SharedType): Generator<SharedType> {
  for (const { content } of type._map.values()) if (content instanceof Y.ContentType) yield content.type;
  for (let item = type._start; item !== null; item = item.right) {
    if (item.content instanceof Y.ContentType) yield item.content.type;
  }
}

/** What is below a type of the document, as far as it is not beyond what is enough. */
export const sizeBelow = (type: SharedType, enough: number): Below => {
  const size = { keys: 0, copies: 0 };
  const waiting = [type];
  for (let next = waiting.pop(); next !== undefined && size.keys <= enough; next = waiting.pop()) {
    const { pieces, values } = sizeOfList(next, enough);
    size.keys += next._map.size + pieces;
    size.copies += pieces * values;
    if (size.keys <= enough) for (const inner of typesIn(next)) waiting.push(inner);
  }
  return size;
};

/** Maps, lists and texts of the document and of the update, each looked at once. */
export const createHolders = (doc: Y.Doc, limits: GateLimits) => {
  const known = new Map<SharedType, Holder>();
  const newRoots = new Map<string, Holder>();

  const root = (type: SharedType | null): Holder => ({ type, depth: 0, outermost: null, list: null });

  const inside = (parent: Holder, type: SharedType | null): Holder => {
    const depth = parent.depth + 1;
    if (depth > limits.mapDepth) refuse(`at most ${limits.mapDepth} maps and lists are inside each other`);
    const outermost = parent.outermost ?? { type, size: type === null ? { keys: 0, copies: 0 } : null };
    return { type, depth, outermost, list: null };
  };

  const of = (type: SharedType): Holder => {
    const found = known.get(type);
    if (found !== undefined) return found;
    const parent = type._item?.parent ?? null;
    const holder = parent instanceof Y.AbstractType ? inside(of(parent), type) : root(type);
    known.set(type, holder);
    return holder;
  };

  const named = (name: string): Holder => {
    const type = doc.share.get(name);
    if (type !== undefined) return of(type);
    const found = newRoots.get(name);
    if (found !== undefined) return found;
    if (doc.share.size + newRoots.size >= limits.docRoots) refuse(`a document has at most ${limits.docRoots} roots`);
    const holder = root(null);
    newRoots.set(name, holder);
    return holder;
  };

  const sizeOf = (outermost: Outermost): Below => {
    outermost.size ??= outermost.type === null ? { keys: 0, copies: 0 } : sizeBelow(outermost.type, limits.nestedKeys);
    return outermost.size;
  };

  /** That so many keys, or pieces of a list, have come into it. */
  const count = ({ outermost }: Holder, more: number): void => {
    if (outermost === null) return;
    const size = sizeOf(outermost);
    size.keys += more;
    if (size.keys > limits.nestedKeys) {
      refuse(`a map or list inside another, with all below it, has at most ${limits.nestedKeys} keys and pieces`);
    }
  };

  /** That so many pieces have come into a list, with so many values that may be copied. */
  const countItems = (holder: Holder, pieces: number, values: number): void => {
    const { type, outermost } = holder;
    if (outermost === null) return;
    count(holder, pieces);
    holder.list ??= type === null ? { pieces: 0, values: 0 } : sizeOfList(type, limits.nestedKeys);
    const { list } = holder;
    const before = list.pieces * list.values;
    list.pieces += pieces;
    list.values += values;
    const size = sizeOf(outermost);
    size.copies += list.pieces * list.values - before;
    if (size.copies > limits.nestedCopies) {
      refuse('a list inside another has too many values in too many pieces');
    }
  };

  return { of, named, inside, count, countItems };
};

export type Holders = ReturnType<typeof createHolders>;
