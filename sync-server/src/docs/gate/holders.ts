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
}

/** Yjs deletes what is a value with all that is below it at once: `keys` counts that. */
interface Outermost {
  readonly type: SharedType | null;
  keys: number | null;
}

/** What an item of a list counts: values one by one, as it may be cut to; characters and what is deleted cost less. */
const countOf = (item: Y.Item): number => {
  if (item.deleted) return 1 + (item.length >> 6);
  return item.content instanceof Y.ContentString ? countOfText(item.length) : item.length;
};

export const countOfText = (length: number): number => 1 + (length >> 3);

const typeOf = ({ content }: Y.Item): SharedType | null => (content instanceof Y.ContentType ? content.type : null);

const keysBelow = (type: SharedType, enough: number): number => {
  let keys = 0;
  const waiting = [type];
  const lookAt = (item: Y.Item): void => {
    const inner = typeOf(item);
    if (inner !== null) waiting.push(inner);
  };
  for (let next = waiting.pop(); next !== undefined && keys <= enough; next = waiting.pop()) {
    keys += next._map.size;
    for (const item of next._map.values()) lookAt(item);
    for (let item = next._start; item !== null && keys <= enough; item = item.right) {
      keys += countOf(item);
      lookAt(item);
    }
  }
  return keys;
};

/** Maps, lists and texts of the document and of the update, each looked at once. */
export const createHolders = (doc: Y.Doc, limits: GateLimits) => {
  const known = new Map<SharedType, Holder>();
  const newRoots = new Map<string, Holder>();

  const root = (type: SharedType | null): Holder => ({ type, depth: 0, outermost: null });

  const inside = (parent: Holder, type: SharedType | null): Holder => {
    const depth = parent.depth + 1;
    if (depth > limits.mapDepth) refuse(`at most ${limits.mapDepth} maps and lists are inside each other`);
    return { type, depth, outermost: parent.outermost ?? { type, keys: type === null ? 0 : null } };
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

  /** That so much has come into it. */
  const count = ({ outermost }: Holder, more: number): void => {
    if (outermost === null) return;
    const { nestedKeys } = limits;
    outermost.keys ??= outermost.type === null ? 0 : keysBelow(outermost.type, nestedKeys);
    outermost.keys += more;
    if (outermost.keys > nestedKeys) {
      refuse(`a map or list inside another, with all below it, has at most ${nestedKeys} keys and values`);
    }
  };

  return { of, named, inside, count };
};
