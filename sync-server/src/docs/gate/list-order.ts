import type * as Y from 'yjs';
import { refuse } from './byte-reader.ts';
import type { Holder } from './holders.ts';
import type { GateLimits } from './limits.ts';
import {
  type Cost,
  CUT,
  copiesOf,
  costOf,
  costOfMove,
  endOf,
  isSame,
  JOIN,
  type ListNodes,
  type Node,
  startOf,
} from './list-nodes.ts';
import { CONTENT, type Id, type Struct } from './scan.ts';

const continues = (left: Node | null, { client, clock, origin, rightOrigin }: Struct): left is Node =>
  left !== null &&
  origin?.client === client &&
  origin.clock === clock - 1 &&
  left.client === client &&
  isSame(left.rightOrigin, rightOrigin);

/** Where a struct comes to be beside another one: `open` tells what follows. */
type Verdict = 'before' | 'behind' | 'open';

const besideSibling = (struct: Struct, other: Node): Verdict => {
  if (other.client < struct.client) return 'behind';
  return isSame(struct.rightOrigin, other.rightOrigin) ? 'before' : 'open';
};

const besideOther = (source: Node | null, passed: ReadonlySet<Node>, conflicting: ReadonlySet<Node>): Verdict => {
  if (source === null || !passed.has(source)) return 'before';
  return conflicting.has(source) ? 'open' : 'behind';
};

/**
 * Where the structs of an update come to be in the document's lists, found as `Item.integrate` of Yjs 13.6 finds it, without
 * changing anything: so that what each will cost is counted, not guessed. What was written in a row, or between two
 * neighbours, is placed at once, however long the list; only what is concurrent takes a walk.
 */
export const createListOrder = (doc: Y.Doc, nodes: ListNodes, { history }: GateLimits) => {
  const firsts = new Map<Holder, Node | null>();
  let steps = 0;
  let cuts = 0;

  const cut = (node: Node, length: number): Node => {
    const clock = node.clock + length;
    const origin = { client: node.client, clock: clock - 1 };
    const { run } = node;
    const right: Node = { ...node, clock, length: node.length - length, origin };
    cuts++;
    steps += 1 + costOf(run.length, run.copies, CUT) + costOfMove(doc.store.clients.get(node.client)?.length ?? 0);
    run.length -= length;
    node.run = { length, copies: run.copies, holes: 0 };
    node.length = length;
    node.next = right;
    nodes.add(right);
    return right;
  };

  const endingAt = (id: Id): Node | null => {
    const node = nodes.find(id);
    if (node !== null && endOf(node) > id.clock + 1) cut(node, id.clock + 1 - node.clock);
    return node;
  };

  const beginningAt = (id: Id): Node | null => {
    const node = nodes.find(id);
    return node !== null && node.clock < id.clock ? cut(node, id.clock - node.clock) : node;
  };

  const firstOf = (list: Holder): Node | null => {
    const known = firsts.get(list);
    if (known !== undefined) return known;
    const start = startOf(list.type?._start ?? null);
    return start && nodes.find(start);
  };

  const nextOf = (node: Node): Node | null => {
    if (node.next === undefined) node.next = node.nextId && nodes.find(node.nextId);
    return node.next;
  };

  /** The one behind which it comes to be, among those that were put between the same neighbours. */
  const walk = (list: Holder, struct: Struct, left: Node | null, right: Node | null): Node | null => {
    let behind = left;
    const passed = new Set<Node>();
    const conflicting = new Set<Node>();
    for (let other = left ? nextOf(left) : firstOf(list); other !== null && other !== right; other = nextOf(other)) {
      steps++;
      passed.add(other);
      if (passed.size > history) refuse(`a concurrent change of a list among over ${history} others`);
      conflicting.add(other);
      const source = other.origin && nodes.seen(other.origin);
      const verdict = isSame(struct.origin, other.origin)
        ? besideSibling(struct, other)
        : besideOther(source, passed, conflicting);
      if (verdict === 'before') break;
      if (verdict === 'open') continue;
      behind = other;
      conflicting.clear();
    }
    return behind;
  };

  const link = (list: Holder, struct: Struct, behind: Node | null, left: Node | null): void => {
    const copies = copiesOf(struct);
    const joins = continues(left, struct) && left.run.copies === copies;
    // what the document has of the values is copied when they become more
    if (joins && left.isStored) steps += costOf(left.run.length, copies, JOIN);
    const run = joins ? left.run : { length: 0, copies, holes: 0 };
    run.length += struct.length;
    const { client, clock, length, origin, rightOrigin } = struct;
    const next = behind ? nextOf(behind) : firstOf(list);
    const node: Node = {
      client,
      clock,
      length,
      origin,
      rightOrigin,
      run,
      isStored: false,
      isDeleted: struct.content === CONTENT.deleted,
      next,
      nextId: null,
    };
    nodes.add(node);
    if (behind === null) firsts.set(list, node);
    else behind.next = node;
  };

  return (list: Holder, struct: Struct): Cost => {
    steps = 0;
    cuts = 0;
    const left = struct.origin && endingAt(struct.origin);
    const right = struct.rightOrigin && beginningAt(struct.rightOrigin);
    const isBetween = (left === null ? firstOf(list) : nextOf(left)) === right;
    link(list, struct, isBetween ? left : walk(list, struct, left, right), left);
    return { steps: steps + nodes.takeMoved(), pieces: 1 + cuts };
  };
};
