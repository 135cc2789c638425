/** An order of distinct items: 0 only for an item and itself. */
export type Compare<T> = (a: T, b: T) => number;

/**
 * A sorted list that knows at once how many items come before a place: finding, inserting, removing and counting cost
 * O(log n). Items must not change their order while they are in it.
 */
export interface CountedList<T> {
  readonly size: () => number;
  readonly insert: (item: T) => void;
  /** Nothing happens when it is not there. */
  readonly remove: (item: T) => void;
  /** How many items `isBefore` holds for; these must be the first ones. */
  readonly countWhile: (isBefore: (item: T) => boolean) => number;
  readonly at: (index: number) => T | undefined;
  /** In order, beginning with the item at `index`; not to be changed meanwhile. */
  readonly from: (index: number) => Iterable<T>;
  /** Replaces everything by items that are sorted already. */
  readonly fill: (sorted: readonly T[]) => void;
}

/** More than these are split in two. */
const MAX_WIDTH = 64;
const FILL_WIDTH = 48;

interface Leaf<T> {
  readonly type: 'leaf';
  /** At most the first item, and beyond all items before the leaf; it may have been removed since. */
  low: T;
  size: number;
  items: T[];
}

interface Branch<T> {
  readonly type: 'branch';
  low: T;
  size: number;
  children: Node<T>[];
}

/** A B+ tree whose nodes know their sizes. */
type Node<T> = Leaf<T> | Branch<T>;

/** How many of the first items a test holds for. */
export const prefixLength = <T>(items: readonly T[], isBefore: (item: T) => boolean): number => {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const item = items[middle];
    if (item !== undefined && isBefore(item)) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** How many items come before one; the same as above without a test to call. */
const indexOf = <T>(items: readonly T[], item: T, compare: Compare<T>): number => {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = items[middle];
    if (other !== undefined && compare(other, item) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** The last child whose items do not all come behind one. */
const childWith = <T>({ children }: Branch<T>, item: T, compare: Compare<T>): number => {
  let [low, high] = [1, children.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const child = children[middle];
    if (child !== undefined && compare(child.low, item) <= 0) low = middle + 1;
    else high = middle;
  }
  return low - 1;
};

/** The last child that can hold an item which is behind all those `isBefore` holds for. */
const childFor = <T>({ children }: Branch<T>, isBefore: (item: T) => boolean): number =>
  Math.max(0, prefixLength(children, ({ low }) => isBefore(low)) - 1);

const leafOf = <T>(low: T, items: T[]): Leaf<T> => ({ type: 'leaf', low, size: items.length, items });

const sizeOf = <T>(children: readonly Node<T>[]): number => children.reduce((sum, { size }) => sum + size, 0);

const branchOf = <T>(low: T, children: Node<T>[]): Branch<T> => ({
  type: 'branch',
  low,
  size: sizeOf(children),
  children,
});

/** The second half as a node of its own, when it has become too wide. */
const splitOff = <T>(node: Node<T>): Node<T> | null => {
  const parts = node.type === 'leaf' ? node.items : node.children;
  if (parts.length <= MAX_WIDTH) return null;
  const half = parts.length >>> 1;
  if (node.type === 'leaf') {
    const items = node.items.splice(half);
    const [low] = items;
    node.size = node.items.length;
    return low === undefined ? null : leafOf(low, items);
  }
  const children = node.children.splice(half);
  const [first] = children;
  node.size = sizeOf(node.children);
  return first === undefined ? null : branchOf(first.low, children);
};

const insertInto = <T>(node: Node<T>, item: T, compare: Compare<T>): Node<T> | null => {
  node.size++;
  if (node.type === 'leaf') {
    node.items.splice(indexOf(node.items, item, compare), 0, item);
    return splitOff(node);
  }
  const index = childWith(node, item, compare);
  const child = node.children[index];
  const sibling = child === undefined ? null : insertInto(child, item, compare);
  if (sibling !== null) node.children.splice(index + 1, 0, sibling);
  return splitOff(node);
};

/** Joins a child with the one after it when both together are narrow. */
const joinNext = <T>(parent: Branch<T>, index: number): void => {
  const [left, right] = [parent.children[index], parent.children[index + 1]];
  if (left === undefined || right === undefined) return;
  if (left.type === 'leaf' && right.type === 'leaf' && left.size + right.size <= MAX_WIDTH / 2) {
    left.items.push(...right.items);
  } else if (
    left.type === 'branch' &&
    right.type === 'branch' &&
    left.children.length + right.children.length <= MAX_WIDTH / 2
  ) {
    left.children.push(...right.children);
  } else return;
  left.size += right.size;
  parent.children.splice(index + 1, 1);
};

const removeFrom = <T>(node: Node<T>, item: T, compare: Compare<T>): boolean => {
  if (node.type === 'leaf') {
    const index = indexOf(node.items, item, compare);
    const found = node.items[index];
    if (found === undefined || compare(found, item) !== 0) return false;
    node.items.splice(index, 1);
    node.size--;
    return true;
  }
  const index = childWith(node, item, compare);
  const child = node.children[index];
  if (child === undefined || !removeFrom(child, item, compare)) return false;
  node.size--;
  if (child.size === 0 && node.children.length > 1) node.children.splice(index, 1);
  else {
    joinNext(node, index);
    joinNext(node, index - 1);
  }
  return true;
};

const countIn = <T>(root: Node<T>, isBefore: (item: T) => boolean): number => {
  let count = 0;
  let node = root;
  while (node.type === 'branch') {
    const index = childFor(node, isBefore);
    for (let before = 0; before < index; before++) count += node.children[before]?.size ?? 0;
    const child = node.children[index];
    if (child === undefined) return count;
    node = child;
  }
  return count + prefixLength(node.items, isBefore);
};

function* itemsFrom<T>(node: Node<T>, index: number): Generator<T, undefined, undefined> {
  if (node.type === 'leaf') {
    for (let at = index; at < node.items.length; at++) {
      const item = node.items[at];
      if (item !== undefined) yield item;
    }
    return;
  }
  let skip = index;
  for (const child of node.children) {
    if (skip < child.size) yield* itemsFrom(child, skip);
    skip = Math.max(0, skip - child.size);
  }
}

const atIn = <T>(root: Node<T>, index: number): T | undefined => {
  let [node, rest] = [root, index];
  while (node.type === 'branch') {
    let at = 0;
    let child = node.children[0];
    while (child !== undefined && rest >= child.size) {
      rest -= child.size;
      child = node.children[++at];
    }
    if (child === undefined) return undefined;
    node = child;
  }
  return node.items[rest];
};

const pieces = <T>(items: readonly T[]): readonly T[][] =>
  Array.from({ length: Math.ceil(items.length / FILL_WIDTH) }, (_, index) =>
    items.slice(index * FILL_WIDTH, (index + 1) * FILL_WIDTH),
  );

/** Null: nothing to build of. */
const build = <T>(sorted: readonly T[]): Node<T> | null => {
  let level: readonly Node<T>[] = pieces(sorted).flatMap((items) => {
    const [low] = items;
    return low === undefined ? [] : [leafOf(low, items)];
  });
  while (level.length > 1) {
    level = pieces(level).flatMap((children) => {
      const [first] = children;
      return first === undefined ? [] : [branchOf(first.low, children)];
    });
  }
  return level[0] ?? null;
};

export const createCountedList = <T>(compare: Compare<T>): CountedList<T> => {
  let root: Node<T> | null = null;

  const insert = (item: T): void => {
    if (root === null) {
      root = leafOf(item, [item]);
      return;
    }
    const sibling = insertInto(root, item, compare);
    if (sibling !== null) root = branchOf(root.low, [root, sibling]);
  };

  const remove = (item: T): void => {
    if (root === null || !removeFrom(root, item, compare)) return;
    if (root.size === 0) root = null;
    else if (root.type === 'branch' && root.children.length === 1) root = root.children[0] ?? null;
  };

  return {
    size: () => root?.size ?? 0,
    insert,
    remove,
    countWhile: (isBefore) => (root === null ? 0 : countIn(root, isBefore)),
    at: (index) => (root === null || index < 0 ? undefined : atIn(root, index)),
    from: (index) => (root === null ? [] : itemsFrom(root, Math.max(0, index))),
    fill: (sorted) => {
      root = build(sorted);
    },
  };
};
