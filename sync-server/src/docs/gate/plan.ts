import * as Y from 'yjs';
import { refuse } from './byte-reader.ts';
import type { GateLimits } from './limits.ts';
import { type Block, cutStruct, type DeletedRange, type Id, type Scanned, type Steps, type Struct } from './scan.ts';
import { createShape, type Place } from './shape.ts';

/** What is to be done with an update: known before any of it is applied. */
export interface Plan {
  /** Each behind all that it hangs on. */
  readonly structs: readonly PlannedStruct[];
  /** All of what it deletes is there, or will be. */
  readonly deleted: readonly DeletedRange[];
  /** What hangs on changes that neither the document nor the update has, was left out. */
  readonly lacks: boolean;
  /** Clients of whom changes were left out because somebody else is just writing as them. */
  readonly foreign: readonly number[];
  /** Steps that Yjs may take to place its concurrent changes, and to cut what is in one piece. */
  readonly walk: number;
  /** Those of them that deleting takes. */
  readonly holes: number;
  /** The update as it came can be given to Yjs in one piece. */
  readonly asItCame: boolean;
}

export interface PlannedStruct {
  readonly struct: Struct;
  readonly walk: number;
}

export interface PlanDeps {
  readonly doc: Y.Doc;
  readonly limits: GateLimits;
  /** Whether another connection is just writing under this client id. */
  readonly isForeign: (client: number) => boolean;
}

/** How far the planning of one block has come. */
interface Course {
  readonly block: Block;
  /** The next struct. */
  at: number;
  /** Of the structs before that, where they are. */
  readonly places: (Place | null)[];
  state: 'waiting' | 'open' | 'stuck';
  /** What its next struct hangs on. */
  need: Id | null;
}

const STRUCTS_PER_STEP = 64;
const COST_OF_STRUCT = 5;

const indexAt = (structs: readonly Struct[], clock: number): number => {
  let low = 0;
  let high = structs.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((structs[middle]?.clock ?? 0) <= clock) low = middle;
    else high = middle - 1;
  }
  return low;
};

const holds = (struct: Struct | undefined, clock: number): boolean =>
  struct !== undefined && struct.clock <= clock && clock < struct.clock + struct.length;

const createPlanner = (deps: PlanDeps, courses: ReadonlyMap<number, Course>) => {
  const { doc, limits } = deps;
  const reached = new Map<number, number>();
  const structs: PlannedStruct[] = [];
  let newClients = 0;
  let cut = 0;
  let walk = 0;
  let holes = 0;

  /** Up to where a client's changes are in the document, or placed. */
  const reach = (client: number): number => {
    const known = Y.getState(doc.store, client);
    const placed = reached.get(client);
    return placed === undefined || placed < known ? known : placed;
  };

  const placedBefore = ({ client, clock }: Id): Place | null => {
    const course = courses.get(client);
    if (course === undefined || clock < Y.getState(doc.store, client)) return null;
    const before = course.at - 1;
    // mostly its own last
    const index = holds(course.block.structs[before], clock) ? before : indexAt(course.block.structs, clock);
    return holds(course.block.structs[index], clock) ? (course.places[index] ?? null) : null;
  };

  const shape = createShape(doc, placedBefore, limits);

  const countClient = (client: number): void => {
    if (reached.has(client) || doc.store.clients.has(client)) return;
    newClients++;
    if (doc.store.clients.size + newClients > limits.docClients) {
      refuse(`a document is changed by at most ${limits.docClients} client ids`);
    }
  };

  /** What is missing for a struct: of its own client the change before, or what it refers to. */
  const missing = ({ client, clock, origin, rightOrigin, parent }: Struct): Id | null => {
    if (clock > reach(client)) return { client, clock: clock - 1 };
    const lacks = (id: Id | null): id is Id => id !== null && id.client !== client && id.clock >= reach(id.client);
    if (lacks(origin)) return origin;
    if (lacks(rightOrigin)) return rightOrigin;
    return typeof parent !== 'string' && lacks(parent) ? parent : null;
  };

  const advance = (course: Course, struct: Struct): number => {
    countClient(struct.client);
    const known = reach(struct.client);
    if (struct.clock < known) cut++;
    const placed = shape.place(struct.clock < known ? cutStruct(struct, known) : struct);
    course.places[course.at] = placed;
    course.at++;
    reached.set(struct.client, struct.clock + struct.length);
    walk += placed.walk;
    structs.push({ struct, walk: placed.walk });
    return COST_OF_STRUCT + placed.walk;
  };

  const placeDeleted = (range: DeletedRange): void => {
    holes += shape.placeDeleted(range);
  };

  return { reach, missing, advance, placeDeleted, structs, cut: () => cut, walk: () => walk, holes: () => holes };
};

type Planner = ReturnType<typeof createPlanner>;

/** One move of the course on top of the stack; returns what it cost. */
const step = (planner: Planner, courses: ReadonlyMap<number, Course>, stack: Course[], top: Course): number => {
  const below = stack.at(-2);
  const isDone = below?.need != null && below.need.clock < planner.reach(below.need.client);
  const struct = top.block.structs[top.at];
  if (isDone || top.state === 'stuck' || struct === undefined) {
    if (top.state === 'open') top.state = 'waiting';
    stack.pop();
    return 1;
  }
  if (struct.clock + struct.length <= planner.reach(struct.client)) {
    top.at++;
    return 1;
  }
  top.need = planner.missing(struct);
  if (top.need === null) return planner.advance(top, struct);
  const other = top.need.client === struct.client ? undefined : courses.get(top.need.client);
  if (other === undefined || other.state !== 'waiting' || other.at >= other.block.structs.length) top.state = 'stuck';
  else {
    other.state = 'open';
    stack.push(other);
  }
  return 1;
};

/** Places structs behind what they hang on; Yjs too begins with the highest client id, which makes conflicts cheap. */
function* placeAll(planner: Planner, courses: ReadonlyMap<number, Course>): Steps<void> {
  const order = [...courses.values()].sort((a, b) => b.block.client - a.block.client);
  let cost = 0;
  let moves = 0;
  for (const course of order) {
    if (course.state === 'stuck') continue;
    course.state = 'open';
    const stack = [course];
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      cost += step(planner, courses, stack, top);
      moves++;
      if (moves % STRUCTS_PER_STEP !== 0 && cost < STRUCTS_PER_STEP * COST_OF_STRUCT) continue;
      yield cost;
      cost = 0;
    }
  }
}

/** Such changes are what an attack is made of that Yjs would keep, and merge again with each update. */
const checkGaps = (planner: Planner, blocks: readonly Block[], { gaps }: GateLimits): void => {
  const begins = ({ client, structs }: Block): boolean => (structs[0]?.clock ?? 0) > planner.reach(client);
  if (blocks.filter(begins).length > gaps) refuse(`an update lacks earlier changes of at most ${gaps} clients`);
};

const hasNews = (planner: Planner, { structs }: Block): boolean => {
  const last = structs.at(-1);
  return last !== undefined && last.clock + last.length > planner.reach(last.client);
};

interface PlacedRanges {
  readonly deleted: readonly DeletedRange[];
  readonly lacks: boolean;
}

const RANGES_PER_STEP = 512;
const COST_OF_RANGE = 8;

/** Deleted ranges, cut to what will be there. */
function* placeDeleted(planner: Planner, ranges: readonly DeletedRange[]): Steps<PlacedRanges> {
  const deleted: DeletedRange[] = [];
  let lacks = false;
  for (const [index, range] of ranges.entries()) {
    const there = Math.min(range.length, planner.reach(range.client) - range.clock);
    if (there < range.length) lacks = true;
    if (there > 0) {
      const placed = there === range.length ? range : { ...range, length: there };
      planner.placeDeleted(placed);
      deleted.push(placed);
    }
    if ((index + 1) % RANGES_PER_STEP === 0) yield RANGES_PER_STEP * COST_OF_RANGE;
  }
  return { deleted, lacks };
}

/** Decides what of an update can be applied, and whether it may; refuses (throws `Refused`) as a whole what may not. */
export function* planUpdate(scanned: Scanned, deps: PlanDeps): Steps<Plan> {
  const courses = new Map<number, Course>();
  for (const block of scanned.blocks) {
    courses.set(block.client, { block, at: 0, places: [], state: 'waiting', need: null });
  }
  const planner = createPlanner(deps, courses);
  checkGaps(planner, scanned.blocks, deps.limits);
  const foreign: number[] = [];
  for (const course of courses.values()) {
    if (!deps.isForeign(course.block.client) || !hasNews(planner, course.block)) continue;
    course.state = 'stuck';
    foreign.push(course.block.client);
  }
  yield* placeAll(planner, courses);
  const isStuck = [...courses.values()].some((course) => course.state === 'stuck');
  const { deleted, lacks } = yield* placeDeleted(planner, scanned.deleted);
  const { structs } = planner;
  const all = structs.length === scanned.structs && planner.cut() === 0 && !lacks;
  const asItCame = all && foreign.length === 0;
  const holes = planner.holes();
  const walk = planner.walk() + holes;
  return { structs, deleted, lacks: isStuck || lacks, foreign, walk, holes, asItCame };
}
