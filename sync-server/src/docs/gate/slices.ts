import * as encoding from 'lib0/encoding';
import * as Y from 'yjs';
import { createByteReader } from './byte-reader.ts';
import { sizeBelow } from './holders.ts';
import type { GateLimits } from './limits.ts';
import { costOfMove } from './list-nodes.ts';
import type { Plan, PlannedStruct } from './plan.ts';
import { CONTENT, type DeletedRange, HAS_ORIGIN, HAS_RIGHT_ORIGIN, type Steps, type Struct } from './scan.ts';
import { checkValue } from './value.ts';

/** As much of an update as Yjs is given at once where it can be given as it came; together a few milliseconds of work. */
const SLICE = {
  structs: 200,
  bytes: 64 * 1024,
  walk: 8000,
  deletes: 400,
  ranges: 400,
  /** Steps of cutting what is deleted, where an update is applied as it came. */
  holes: 256,
  /** Deleted values that what is deleted may be joined with together with others. */
  joins: 512,
} as const;

/**
 * As much as it is given at once of one that is larger. Less: while V8 marks a large heap, whoever allocates must help it, for up to
 * 5 ms whenever some 64 KiB are full.
 */
const PIECE = { structs: 64, bytes: 16 * 1024 } as const;

/** What Yjs takes for one struct or one deletion, in the unit of `Steps`. */
const COST_OF_STRUCT = 60;
const COST_OF_DELETE = 40;
export const COST_OF_TRANSACTION = 500;
const COST_OF_RANGE = 3;
const COST_BELOW = 2;
const MOST_BELOW = 8192;

/** The head of a later part of a struct, which continues the part before it: as Yjs itself writes one from its midst. */
const writeContinuation = (
  encoder: encoding.Encoder,
  { client, content, rightOrigin }: Struct,
  clock: number,
): void => {
  if (content === CONTENT.gc) {
    encoding.writeUint8(encoder, CONTENT.gc);
    return;
  }
  encoding.writeUint8(encoder, content | HAS_ORIGIN | (rightOrigin === null ? 0 : HAS_RIGHT_ORIGIN));
  encoding.writeVarUint(encoder, client);
  encoding.writeVarUint(encoder, clock - 1);
  if (rightOrigin === null) return;
  encoding.writeVarUint(encoder, rightOrigin.client);
  encoding.writeVarUint(encoder, rightOrigin.clock);
};

const valuesFrom = (bytes: Uint8Array, struct: Struct, passed: number, limits: GateLimits): number => {
  if (struct.content !== CONTENT.any) return struct.to;
  const reader = createByteReader(bytes);
  reader.at = struct.valuesAt;
  for (let at = 0; at < passed; at++) checkValue(reader, limits);
  return reader.at;
};

/** Where that cuts a character of two units in two, its second half becomes U+FFFD: as Yjs itself does it. */
const writeCharacters = (encoder: encoding.Encoder, text: Uint8Array, passed: number): void => {
  const rest = passed === 0 ? text : Buffer.from(Buffer.from(text).toString('utf8').slice(passed), 'utf8');
  encoding.writeVarUint8Array(encoder, rest);
};

/** Writes a struct as from a clock on: what is before that is known. */
const writeStruct = (
  encoder: encoding.Encoder,
  bytes: Uint8Array,
  struct: Struct,
  from: number,
  limits: GateLimits,
): void => {
  const passed = from - struct.clock;
  if (passed === 0 && struct.whole) {
    encoding.writeUint8Array(encoder, bytes.subarray(struct.from, struct.to));
    return;
  }
  if (passed > 0 || struct.continues) writeContinuation(encoder, struct, from);
  else encoding.writeUint8Array(encoder, bytes.subarray(struct.from, struct.lengthAt));
  if (struct.content === CONTENT.text) {
    writeCharacters(encoder, bytes.subarray(struct.valuesAt, struct.to), passed);
    return;
  }
  encoding.writeVarUint(encoder, struct.length - passed);
  encoding.writeUint8Array(encoder, bytes.subarray(valuesFrom(bytes, struct, passed, limits), struct.to));
};

/** Structs by client, those left out that the document has by now. */
const newsOf = (doc: Y.Doc, structs: readonly PlannedStruct[]): ReadonlyMap<number, readonly Struct[]> => {
  const news = new Map<number, Struct[]>();
  for (const { struct } of structs) {
    if (struct.clock + struct.length <= Y.getState(doc.store, struct.client)) continue;
    const block = news.get(struct.client);
    if (block === undefined) news.set(struct.client, [struct]);
    else block.push(struct);
  }
  return news;
};

const encodeStructs = (
  doc: Y.Doc,
  bytes: Uint8Array,
  structs: readonly PlannedStruct[],
  limits: GateLimits,
): Uint8Array | null => {
  const news = newsOf(doc, structs);
  if (news.size === 0) return null;
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, news.size);
  for (const [client, block] of news) {
    const [first] = block;
    const start = Math.max(first?.clock ?? 0, Y.getState(doc.store, client));
    encoding.writeVarUint(encoder, block.length);
    encoding.writeVarUint(encoder, client);
    encoding.writeVarUint(encoder, start);
    for (const struct of block) writeStruct(encoder, bytes, struct, Math.max(struct.clock, start), limits);
  }
  encoding.writeVarUint(encoder, 0);
  return encoding.toUint8Array(encoder);
};

const encodeDeletes = (ranges: readonly DeletedRange[]): Uint8Array => {
  const byClient = new Map<number, DeletedRange[]>();
  for (const range of ranges) {
    const found = byClient.get(range.client);
    if (found === undefined) byClient.set(range.client, [range]);
    else found.push(range);
  }
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, 0);
  encoding.writeVarUint(encoder, byClient.size);
  for (const [client, found] of byClient) {
    encoding.writeVarUint(encoder, client);
    encoding.writeVarUint(encoder, found.length);
    for (const { clock, length } of found) {
      encoding.writeVarUint(encoder, clock);
      encoding.writeVarUint(encoder, length);
    }
  }
  return encoding.toUint8Array(encoder);
};

/** Where the next slice of structs ends. */
const endOfSlice = (structs: readonly PlannedStruct[], from: number): number => {
  let bytes = 0;
  let walk = 0;
  for (let at = from; at < structs.length; at++) {
    const planned = structs[at];
    if (planned === undefined) break;
    bytes += planned.struct.to - planned.struct.valuesAt + 32;
    walk += planned.walk;
    const full = at - from >= PIECE.structs || bytes > PIECE.bytes || walk > SLICE.walk;
    if (full && at > from) return at;
  }
  return structs.length;
};

const costOf = (structs: readonly PlannedStruct[]): number =>
  structs.reduce((sum, { struct, walk }) => sum + COST_OF_STRUCT + ((struct.to - struct.from) >> 2) + walk, 0);

export type ApplySlice = (update: Uint8Array) => void;

function* applyStructs(doc: Y.Doc, plan: Plan, bytes: Uint8Array, limits: GateLimits, apply: ApplySlice): Steps<void> {
  for (let from = 0; from < plan.structs.length; ) {
    const to = endOfSlice(plan.structs, from);
    const slice = plan.structs.slice(from, to);
    const update = encodeStructs(doc, bytes, slice, limits);
    if (update !== null) apply(update);
    yield COST_OF_TRANSACTION + costOf(slice);
    from = to;
  }
}

const isValues = (struct: Y.Item | Y.GC | undefined): boolean =>
  struct instanceof Y.Item && struct.content instanceof Y.ContentAny;

/** Of one struct: to cut it copies values and moves what is behind, and a map or list goes with all that is below it. */
const costOfDeleting = (
  structs: readonly (Y.Item | Y.GC)[],
  struct: Y.Item | Y.GC,
  from: number,
  to: number,
): number => {
  if (struct instanceof Y.Item && struct.content instanceof Y.ContentType) {
    return sizeBelow(struct.content.type, MOST_BELOW).keys * COST_BELOW;
  }
  const isCut = struct.id.clock < from || to < struct.id.clock + struct.length;
  if (!isCut) return 0;
  return 2 * costOfMove(structs.length) + (isValues(struct) ? struct.length >> 1 : 0);
};

/** What of a range is not deleted yet: from where to where, and up to where it has been looked through. */
const liveIn = (doc: Y.Doc, { client, clock, length }: DeletedRange) => {
  const structs = doc.store.clients.get(client) ?? [];
  const end = clock + length;
  let from: number | null = null;
  let to = clock;
  let live = 0;
  let cost = 0;
  let index = Y.findIndexSS(structs, clock);
  for (; index < structs.length; index++) {
    const struct = structs[index];
    if (struct === undefined || struct.id.clock >= end || live >= SLICE.deletes || cost >= SLICE.deletes * 4) break;
    to = Math.min(end, struct.id.clock + struct.length);
    cost++;
    if (struct.deleted) continue;
    live++;
    cost += costOfDeleting(structs, struct, clock, end);
    from ??= Math.max(clock, struct.id.clock);
  }
  const next = structs[index];
  const joins = live > 0 && next?.deleted === true && isValues(next) ? next.length : 0;
  return { from, to, live, cost, joins };
};

/** The middle first, then those of the halves: what is in one piece is cut in halves, and no part of it copied often. */
const inHalves = (ranges: readonly DeletedRange[]): readonly DeletedRange[] => {
  const ordered: DeletedRange[] = [];
  const waiting: [from: number, to: number][] = [[0, ranges.length]];
  for (const [from, to] of waiting) {
    const middle = (from + to) >> 1;
    const range = ranges[middle];
    if (from >= to || range === undefined) continue;
    ordered.push(range);
    waiting.push([from, middle], [middle + 1, to]);
  }
  return ordered;
};

function* applyDeletes(doc: Y.Doc, plan: Plan, apply: ApplySlice): Steps<void> {
  let waiting: DeletedRange[] = [];
  let live = 0;
  let cost = 0;
  const flush = (): number => {
    if (waiting.length > 0) {
      apply(encodeDeletes(waiting));
      cost += COST_OF_TRANSACTION + live * COST_OF_DELETE;
    }
    const spent = cost;
    waiting = [];
    live = 0;
    cost = 0;
    return spent;
  };
  for (const range of plan.holes > 0 ? inHalves(plan.deleted) : plan.deleted) {
    const end = range.clock + range.length;
    for (let clock = range.clock; clock < end; ) {
      const found = liveIn(doc, { ...range, clock, length: end - clock });
      // of many pieces before deleted values, Yjs would join each with all of these
      if (found.joins > SLICE.joins) yield flush();
      if (found.from !== null) waiting.push({ ...range, clock: found.from, length: found.to - found.from });
      live += found.live;
      cost += COST_OF_RANGE + found.cost + found.joins;
      clock = found.to;
      const isFull = live >= SLICE.deletes || waiting.length >= SLICE.ranges || cost > COST_OF_DELETE * SLICE.deletes;
      if (isFull || found.joins > SLICE.joins) yield flush();
    }
  }
  yield flush();
}

/** Deletes nothing that has much below it. */
const isFlat = (doc: Y.Doc, deleted: readonly DeletedRange[]): boolean => {
  const known = deleted.filter(({ client, clock }) => clock < Y.getState(doc.store, client));
  return known.reduce((sum, range) => sum + liveIn(doc, range).cost, 0) <= SLICE.deletes * 4;
};

/** Nothing has come in between since the plan was made. */
const isCurrent = (doc: Y.Doc, { structs }: Plan): boolean => {
  const seen = new Set<number>();
  return structs.every(({ struct: { client, clock } }) => {
    if (seen.has(client)) return true;
    seen.add(client);
    return clock === Y.getState(doc.store, client);
  });
};

const deletedValues = ({ deleted }: Plan): number => deleted.reduce((sum, { length }) => sum + length, 0);

/**
 * How much of a transaction an update fills that goes to Yjs now and as it came, as a share of 1; above 1 it is to be given
 * in pieces. Several together fill the sum: whatever each of them is full of, they are no more work than one update may be.
 */
export const shareOf = (doc: Y.Doc, plan: Plan, bytes: Uint8Array): number => {
  const { structs, deleted, walk, holes, asItCame } = plan;
  const share = Math.max(
    structs.length / SLICE.structs,
    bytes.length / SLICE.bytes,
    (walk - holes) / SLICE.walk,
    deletedValues(plan) / SLICE.deletes,
    deleted.length / SLICE.ranges,
    holes / SLICE.holes,
  );
  return asItCame && share <= 1 && isCurrent(doc, plan) && isFlat(doc, deleted) ? share : Number.POSITIVE_INFINITY;
};

/** Gives an update to Yjs as it came: one whose share is at most 1. */
export const applyAtOnce = (plan: Plan, bytes: Uint8Array, apply: ApplySlice): number => {
  apply(bytes);
  return costOf(plan.structs) + deletedValues(plan) * COST_OF_DELETE;
};

/**
 * Gives a planned update to Yjs in pieces, each a transaction of bounded work. What the document has got from elsewhere
 * since the plan was made is left out, and a struct that it has in part is cut: from such a struct, Yjs would take the rest
 * for an entry of whatever map the struct names.
 */
export function* applyInPieces(
  doc: Y.Doc,
  plan: Plan,
  bytes: Uint8Array,
  limits: GateLimits,
  apply: ApplySlice,
): Steps<void> {
  yield* applyStructs(doc, plan, bytes, limits, apply);
  yield* applyDeletes(doc, plan, apply);
}
