import * as encoding from 'lib0/encoding';
import * as Y from 'yjs';
import type { Steps } from './gate/scan.ts';
import type { StateVector } from './gate/state-vector.ts';

/** As much as is encoded at once; together some two milliseconds of work. */
const SLICE = {
  structs: 500,
  bytes: 64 * 1024,
  /** Structs looked at for what is deleted of them. */
  looks: 10_000,
} as const;

/** Of one struct, so much goes into one piece. */
const PIECE = { values: 2048, bytes: 32 * 1024, characters: 32 * 1024 } as const;

/** What it takes, in the unit of `Steps`. */
const COST_OF_SLICE = 100;
const COST_OF_STRUCT = 40;

type Struct = Y.Item | Y.GC;

/** What a peer lacks of one client: its clocks from `from` to before `to`. */
interface Missing {
  readonly client: number;
  readonly from: number;
  readonly to: number;
}

/** Parts of an update that is put together at the end. */
type Parts = Uint8Array[];

const uints = (...values: readonly number[]): Uint8Array => {
  const encoder = encoding.createEncoder();
  for (const value of values) encoding.writeVarUint(encoder, value);
  return encoding.toUint8Array(encoder);
};

/** Every client up to where it is now; higher ids first, as Yjs writes them. */
const missingIn = ({ store }: Y.Doc, known: StateVector): readonly Missing[] =>
  [...store.clients.keys()]
    .map((client) => ({ client, from: known.get(client) ?? 0, to: Y.getState(store, client) }))
    .sort((a, b) => b.client - a.client);

const structsOf = ({ store }: Y.Doc, client: number): Struct[] => store.clients.get(client) ?? [];

/** Up to which of the values; at least one. */
const endOfValues = (values: Y.ContentAny['arr'], from: number, most: number): number => {
  const scratch = encoding.createEncoder();
  const end = Math.min(most, from + PIECE.values);
  let at = from;
  while (at < end && encoding.length(scratch) < PIECE.bytes) encoding.writeAny(scratch, values[at++]);
  return at;
};

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;

/** No character of two units is cut in two. */
const endOfCharacters = (text: string, from: number, most: number): number => {
  const end = from + PIECE.characters;
  if (end >= most) return most;
  return isHigh(text.charCodeAt(end - 1)) ? end + 1 : end;
};

/** A part of what one client wrote in a row; null where it is small, or is not made of parts. */
const partOf = ({ content, length }: Y.Item, from: number, most: number): Y.ContentAny | Y.ContentString | null => {
  if (length === 1) return null;
  if (content instanceof Y.ContentAny) {
    const to = endOfValues(content.arr, from, most);
    return to === length ? null : new Y.ContentAny(content.arr.slice(from, to));
  }
  if (content instanceof Y.ContentString) {
    const to = endOfCharacters(content.str, from, most);
    return to === length ? null : new Y.ContentString(content.str.slice(from, to));
  }
  return null;
};

/** Writes a struct from a clock on, as far as one piece goes; the answer is up to where. As Yjs would have it cut. */
const writePiece = (encoder: Y.UpdateEncoderV1, struct: Struct, clock: number, to: number): number => {
  const start = struct.id.clock;
  const end = start + struct.length;
  const from = clock - start;
  const part = struct instanceof Y.Item ? partOf(struct, from, Math.min(end, to) - start) : null;
  if (part === null || !(struct instanceof Y.Item)) {
    struct.write(encoder, from);
    return end;
  }
  const { id, origin, rightOrigin, parent, parentSub } = struct;
  const left = from === 0 ? origin : Y.createID(id.client, clock - 1);
  new Y.Item(Y.createID(id.client, clock), null, left, null, rightOrigin, parent, parentSub, part).write(encoder, 0);
  return clock + part.getLength();
};

/** Structs are found by their clocks at each step: others' changes cut them and join them meanwhile. */
function* writeStructs(doc: Y.Doc, { client, from, to }: Missing, parts: Parts): Steps<void> {
  const head = parts.push(uints()) - 1;
  let count = 0;
  for (let clock = from; clock < to; ) {
    const structs = structsOf(doc, client);
    const encoder = new Y.UpdateEncoderV1();
    let written = 0;
    for (let index = Y.findIndexSS(structs, clock); clock < to; written++) {
      const struct = structs[index];
      if (struct === undefined || written === SLICE.structs) break;
      if (encoding.length(encoder.restEncoder) > SLICE.bytes) break;
      clock = writePiece(encoder, struct, clock, to);
      if (clock >= struct.id.clock + struct.length) index++;
    }
    const part = encoder.toUint8Array();
    parts.push(part);
    count += written;
    yield COST_OF_SLICE + COST_OF_STRUCT * written + (part.length >> 1);
  }
  parts[head] = uints(count, client, from);
}

/** What is deleted of one client before `to`, encoded; ranges that follow each other are one. */
function* writeDeletes(doc: Y.Doc, { client, to }: Missing, parts: Parts): Steps<boolean> {
  const encoder = encoding.createEncoder();
  let count = 0;
  let open: { readonly clock: number; end: number } | null = null;
  const close = (): void => {
    if (open === null) return;
    encoding.writeVarUint(encoder, open.clock);
    encoding.writeVarUint(encoder, open.end - open.clock);
    count++;
    open = null;
  };
  for (let clock = 0; clock < to; ) {
    const structs = structsOf(doc, client);
    const first = Y.findIndexSS(structs, clock);
    let looked = 0;
    for (; clock < to && looked < SLICE.looks; looked++) {
      const struct = structs[first + looked];
      if (struct === undefined) break;
      const end = Math.min(to, struct.id.clock + struct.length);
      if (!struct.deleted) close();
      else if (open === null) open = { clock, end };
      else open.end = end;
      clock = end;
    }
    yield COST_OF_SLICE + looked;
  }
  close();
  if (count > 0) parts.push(uints(client, count), encoding.toUint8Array(encoder));
  return count > 0;
}

/**
 * What a peer with this state vector lacks, as the parts of one update, encoded in steps that share the event loop. It holds
 * every client up to where it was at the first step, and all that was deleted of that by then; of what comes between
 * two steps it may hold some deletions and nothing else that matters, so that every change since the first step follows it.
 */
export function* answerSteps(doc: Y.Doc, known: StateVector): Steps<readonly Uint8Array[]> {
  const clients = missingIn(doc, known);
  const lacking = clients.filter(({ from, to }) => from < to);
  const structs: Parts = [uints(lacking.length)];
  for (const missing of lacking) yield* writeStructs(doc, missing, structs);
  const deletes: Parts = [];
  let withDeletes = 0;
  for (const missing of clients) if (yield* writeDeletes(doc, missing, deletes)) withDeletes++;
  return [...structs, uints(withDeletes), ...deletes];
}
