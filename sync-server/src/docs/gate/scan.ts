import {
  type ByteReader,
  bytesLeft,
  createByteReader,
  readByte,
  readCharacters,
  readText,
  readUint,
  refuse,
  skip,
} from './byte-reader.ts';
import { type GateLimits, MAX_CLIENT, MAX_CLOCK } from './limits.ts';
import { checkValue } from './value.ts';

/** Of the content of structs: Yjs's own numbers. */
export const CONTENT = { gc: 0, deleted: 1, binary: 3, text: 4, type: 7, any: 8, skip: 10 } as const;

/** Bits of a struct's first byte beside the content. */
export const HAS_ORIGIN = 0x80;
export const HAS_RIGHT_ORIGIN = 0x40;
const HAS_KEY = 0x20;
const CONTENT_BITS = 0x1f;

/** Array, map and text; those of XML follow. */
const LAST_TYPE = 2;

/** Structs of more bytes than this are taken apart where they can be, so that no piece of work is long. */
const PIECE_BYTES = 32 * 1024;
const PIECE_VALUES = 1024;
const STRUCTS_PER_STEP = 64;

export interface Id {
  readonly client: number;
  readonly clock: number;
}

/** One struct of an update, as positions in its bytes: nothing of it is built. */
export interface Struct {
  readonly client: number;
  readonly clock: number;
  readonly length: number;
  readonly content: number;
  /** The value it replaces, or its left neighbour in a list, where it tells that; its parent and key are then those of that. */
  readonly origin: Id | null;
  /** Its right neighbour in a list. */
  readonly rightOrigin: Id | null;
  /** Name of a root, or the struct that holds the map or list; only where there is no origin. */
  readonly parent: string | Id | null;
  /** Null with a parent: an item of a list. */
  readonly key: string | null;
  /** Where its first byte is. */
  readonly from: number;
  /** Where its length is (of a text: in bytes), behind which its values begin. */
  readonly lengthAt: number;
  readonly valuesAt: number;
  readonly to: number;
  /** A later piece of a struct that was taken apart: continues the one before. */
  readonly continues: boolean;
  /** Its bytes say nothing else than this; what was taken apart is written anew. */
  readonly whole: boolean;
}

/** All structs of one client, in the order of their clocks; there may be gaps. */
export interface Block {
  readonly client: number;
  readonly structs: readonly Struct[];
}

export interface DeletedRange {
  readonly client: number;
  readonly clock: number;
  readonly length: number;
}

export interface Scanned {
  readonly bytes: Uint8Array;
  readonly blocks: readonly Block[];
  /** In each client by clock, not overlapping. */
  readonly deleted: readonly DeletedRange[];
  readonly structs: number;
}

/** Work that is done in steps; each `yield` tells how much the step before it was, in hundreds of nanoseconds or so. */
export type Steps<T> = Generator<number, T, void>;

const readId = (reader: ByteReader): Id => ({
  client: readUint(reader, MAX_CLIENT, 'a client id'),
  clock: readUint(reader, MAX_CLOCK, 'a clock'),
});

/** Of what a client has not made yet nothing of its own can hang: Yjs would throw in the midst of its work. */
const checkOwn = (id: Id, client: number, clock: number): Id =>
  id.client !== client || id.clock < clock ? id : refuse('a change refers to a later change of the same client');

const readLength = (reader: ByteReader): number => {
  const length = readUint(reader, MAX_CLOCK, 'a length');
  return length > 0 ? length : refuse('a change has no length');
};

const readKey = (reader: ByteReader, { keyBytes }: GateLimits): string => {
  const key = readText(reader, keyBytes, 'a key');
  return key === '__proto__' ? refuse('a map has no key __proto__') : key;
};

const FORBIDDEN_ROOTS = new Set(['__proto__', 'constructor', 'prototype']);

const readRoot = (reader: ByteReader, { rootBytes }: GateLimits): string => {
  const name = readText(reader, rootBytes, 'the name of a root');
  return FORBIDDEN_ROOTS.has(name) ? refuse(`a document has no root ${name}`) : name;
};

const readParent = (reader: ByteReader, client: number, clock: number, limits: GateLimits): string | Id => {
  const isRoot = readUint(reader, 1, 'what tells the kind of a parent') === 1;
  return isRoot ? readRoot(reader, limits) : checkOwn(readId(reader), client, clock);
};

const NAMES: Readonly<Record<number, string>> = {
  2: 'JSON content of Yjs before 13',
  5: 'embedded content',
  6: 'formatted text',
  9: 'a document inside the document',
};

const refuseContent = (content: number): never =>
  refuse(
    `a document of Baton has maps, lists and plain texts, no ${NAMES[content] ?? `content of the unknown kind ${content}`}`,
  );

const readSize = (reader: ByteReader, { valueBytes }: GateLimits): number =>
  readUint(reader, valueBytes, 'the size of binary content');

interface Where {
  readonly client: number;
  readonly clock: number;
  readonly from: number;
}

type Head = Pick<Struct, 'origin' | 'rightOrigin' | 'parent' | 'key'>;

const NO_HEAD: Head = { origin: null, rightOrigin: null, parent: null, key: null };

const readHead = (reader: ByteReader, info: number, { client, clock }: Where, limits: GateLimits): Head => {
  const origin = (info & HAS_ORIGIN) === 0 ? null : checkOwn(readId(reader), client, clock);
  const rightOrigin = (info & HAS_RIGHT_ORIGIN) === 0 ? null : checkOwn(readId(reader), client, clock);
  if (origin !== null || rightOrigin !== null) return { origin, rightOrigin, parent: null, key: null };
  const parent = readParent(reader, client, clock, limits);
  return { origin, rightOrigin, parent, key: (info & HAS_KEY) === 0 ? null : readKey(reader, limits) };
};

/** Spelled out field by field: spreading objects here took a third of all the time. */
const structOf = (where: Where, head: Head, content: number, length: number, valuesAt: number, to: number): Struct => ({
  client: where.client,
  clock: where.clock,
  length,
  content,
  origin: head.origin,
  rightOrigin: head.rightOrigin,
  parent: head.parent,
  key: head.key,
  from: where.from,
  lengthAt: where.from,
  valuesAt,
  to,
  continues: false,
  whole: true,
});

/** The head of what a client wrote behind its own change before: of a list, both have the same to their right. */
const continuationOf = (client: number, clock: number, rightOrigin: Id | null): Head => ({
  origin: { client, clock: clock - 1 },
  rightOrigin,
  parent: null,
  key: null,
});

/** What of a struct is behind a clock that is known. */
export const cutStruct = (struct: Struct, clock: number): Struct => ({
  ...struct,
  ...(struct.content === CONTENT.gc ? NO_HEAD : continuationOf(struct.client, clock, struct.rightOrigin)),
  clock,
  length: struct.clock + struct.length - clock,
});

/**
 * A struct of several values: what one client wrote under one key, one after the other, or side by side in a list, and Yjs
 * made one.
 */
interface Run {
  readonly where: Where;
  readonly head: Head;
  readonly content: number;
  readonly lengthAt: number;
  /** Values, or bytes of text. */
  readonly count: number;
}

const pieceOf = (run: Run, clock: number, length: number, valuesAt: number, to: number, whole: boolean): Struct => {
  const { where, content, lengthAt } = run;
  const continues = clock > where.clock;
  const head = continues ? continuationOf(where.client, clock, run.head.rightOrigin) : run.head;
  const at: Where = { client: where.client, clock, from: continues ? valuesAt : where.from };
  return { ...structOf(at, head, content, length, valuesAt, to), lengthAt, continues, whole };
};

/** Its values as pieces of bounded size: the first keeps the head, each other continues the one before. */
function* readValues(reader: ByteReader, run: Run, limits: GateLimits, into: Struct[]): Steps<number> {
  const { where, count } = run;
  let clock = where.clock;
  let valuesAt = reader.at;
  for (let at = 1; at <= count; at++) {
    checkValue(reader, limits);
    const length = where.clock + at - clock;
    if (at < count && reader.at - valuesAt < PIECE_BYTES && length < PIECE_VALUES) continue;
    into.push(pieceOf(run, clock, length, valuesAt, reader.at, length === count));
    yield (reader.at - valuesAt) >> 3;
    clock += length;
    valuesAt = reader.at;
  }
  return count;
}

/** Its text as pieces of bounded size; none ends within a character. */
function* readTextRun(reader: ByteReader, run: Run, into: Struct[]): Steps<number> {
  const { where, count } = run;
  const end = reader.at + count;
  let clock = where.clock;
  while (reader.at < end) {
    const valuesAt = reader.at;
    const length = readCharacters(reader, Math.min(end - valuesAt, PIECE_BYTES), end);
    into.push(pieceOf(run, clock, length, valuesAt, reader.at, reader.at - valuesAt === count));
    yield (reader.at - valuesAt) >> 3;
    clock += length;
  }
  return clock - where.clock;
}

const readRun = (reader: ByteReader, run: Run, limits: GateLimits, into: Struct[]): Steps<number> =>
  run.content === CONTENT.text ? readTextRun(reader, run, into) : readValues(reader, run, limits, into);

const readAny = (reader: ByteReader, where: Where, head: Head, limits: GateLimits, into: Struct[]): number | Run => {
  const lengthAt = reader.at;
  const count = readLength(reader);
  if (count > limits.structs || count > bytesLeft(reader)) return refuse('a change has more values than an update');
  if (count > 1) return { where, head, content: CONTENT.any, lengthAt, count };
  const valuesAt = reader.at;
  checkValue(reader, limits);
  into.push(structOf(where, head, CONTENT.any, 1, valuesAt, reader.at));
  return 1;
};

const readTextContent = (reader: ByteReader, where: Where, head: Head, into: Struct[]): number | Run => {
  const lengthAt = reader.at;
  const count = readLength(reader);
  if (count > bytesLeft(reader)) return refuse('the update ends too early');
  if (count > PIECE_BYTES) return { where, head, content: CONTENT.text, lengthAt, count };
  const valuesAt = reader.at;
  const length = readCharacters(reader, count, valuesAt + count);
  into.push({ ...structOf(where, head, CONTENT.text, length, valuesAt, reader.at), lengthAt });
  return length;
};

/** Reads one struct into the list, and returns its length; of one with many values, what is still to be read. */
const readStruct = (
  reader: ByteReader,
  client: number,
  clock: number,
  limits: GateLimits,
  into: Struct[],
): number | Run => {
  const where: Where = { client, clock, from: reader.at };
  const info = readByte(reader);
  if (info === CONTENT.skip) return readLength(reader);
  const content = info & CONTENT_BITS;
  if (content === CONTENT.gc) {
    const length = info === 0 ? readLength(reader) : refuse('a collected change has no parent');
    into.push(structOf(where, NO_HEAD, content, length, reader.at, reader.at));
    return length;
  }
  const head = readHead(reader, info, where, limits);
  switch (content) {
    case CONTENT.deleted: {
      const length = readLength(reader);
      into.push(structOf(where, head, content, length, reader.at, reader.at));
      return length;
    }
    case CONTENT.binary:
      skip(reader, readSize(reader, limits));
      break;
    case CONTENT.type:
      if (readByte(reader) > LAST_TYPE) return refuse('a document of Baton has maps, lists and plain texts, no XML');
      break;
    case CONTENT.any:
      return readAny(reader, where, head, limits, into);
    case CONTENT.text:
      return readTextContent(reader, where, head, into);
    default:
      return refuseContent(content);
  }
  into.push(structOf(where, head, content, 1, reader.at, reader.at));
  return 1;
};

/** Declared counts are believed no further than there are bytes: a struct has two at least. */
const checkCount = (reader: ByteReader, count: number, max: number, what: string, bytesEach: number): void => {
  if (count > max) refuse(`an update has at most ${max} ${what}`);
  if (count * bytesEach > bytesLeft(reader)) refuse(`an update declares more ${what} than it has bytes`);
};

function* readBlock(reader: ByteReader, limits: GateLimits, before: number): Steps<Block> {
  const count = readUint(reader, MAX_CLOCK, 'the number of changes');
  const client = readUint(reader, MAX_CLIENT, 'a client id');
  let clock = readUint(reader, MAX_CLOCK, 'a clock');
  checkCount(reader, count + before, limits.structs, 'changes', 0);
  checkCount(reader, count, limits.structs, 'changes', 2);
  const structs: Struct[] = [];
  let seen = reader.at;
  for (let at = 1; at <= count; at++) {
    const read = readStruct(reader, client, clock, limits, structs);
    if (typeof read === 'number') clock += read;
    else {
      clock += yield* readRun(reader, read, limits, structs);
      seen = reader.at;
    }
    if (clock > MAX_CLOCK) refuse(`a clock is at most ${MAX_CLOCK}`);
    if (at % STRUCTS_PER_STEP !== 0 && reader.at - seen < PIECE_BYTES) continue;
    yield STRUCTS_PER_STEP * 4 + ((reader.at - seen) >> 3);
    seen = reader.at;
  }
  return { client, structs };
}

function* readBlocks(reader: ByteReader, limits: GateLimits): Steps<readonly Block[]> {
  const count = readUint(reader, MAX_CLOCK, 'the number of clients');
  checkCount(reader, count, limits.clients, 'clients', 3);
  const blocks = new Map<number, Block>();
  let structs = 0;
  for (let at = 1; at <= count; at++) {
    const block = yield* readBlock(reader, limits, structs);
    // Yjs would forget the first of the two
    if (blocks.has(block.client)) refuse('an update tells the changes of a client in one place');
    structs += block.structs.length;
    if (block.structs.length > 0) blocks.set(block.client, block);
    if (at % STRUCTS_PER_STEP === 0) yield STRUCTS_PER_STEP * 4;
  }
  return [...blocks.values()];
}

const readRange = (reader: ByteReader, client: number, after: number): DeletedRange => {
  const clock = readUint(reader, MAX_CLOCK, 'a clock');
  const length = readLength(reader);
  if (clock < after) refuse('deleted ranges come in order and do not overlap');
  if (clock + length > MAX_CLOCK) refuse(`a clock is at most ${MAX_CLOCK}`);
  return { client, clock, length };
};

function* readDeleted(reader: ByteReader, limits: GateLimits): Steps<readonly DeletedRange[]> {
  const clients = readUint(reader, MAX_CLOCK, 'the number of clients');
  checkCount(reader, clients, limits.clients, 'clients', 2);
  const seen = new Set<number>();
  const ranges: DeletedRange[] = [];
  for (let at = 0; at < clients; at++) {
    const client = readUint(reader, MAX_CLIENT, 'a client id');
    if (seen.has(client)) refuse('an update tells the deletions of a client in one place');
    seen.add(client);
    const count = readUint(reader, MAX_CLOCK, 'the number of deleted ranges');
    checkCount(reader, ranges.length + count, limits.deletedRanges, 'deleted ranges', 0);
    checkCount(reader, count, limits.deletedRanges, 'deleted ranges', 2);
    for (let after = 0, nth = 0; nth < count; nth++) {
      const range = readRange(reader, client, after);
      after = range.clock + range.length;
      ranges.push(range);
      if (ranges.length % STRUCTS_PER_STEP === 0) yield STRUCTS_PER_STEP;
    }
  }
  return ranges;
}

/**
 * Takes an untrusted V1 update apart without building anything of Yjs, and refuses (throws `Refused`) what is malformed, over
 * a limit, or nothing that a document of Baton has. Format: `readClientsStructRefs` and `readDeleteSet` of Yjs 13.6.
 */
export function* scanUpdate(bytes: Uint8Array, limits: GateLimits): Steps<Scanned> {
  const reader = createByteReader(bytes);
  const blocks = yield* readBlocks(reader, limits);
  const deleted = yield* readDeleted(reader, limits);
  if (bytesLeft(reader) > 0) refuse('bytes after the update');
  const structs = blocks.reduce((sum, block) => sum + block.structs.length, 0);
  return { bytes, blocks, deleted, structs };
}
