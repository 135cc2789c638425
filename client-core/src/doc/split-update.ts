import * as encoding from 'lib0/encoding';
import * as Y from 'yjs';

type Decoded = ReturnType<typeof Y.decodeUpdate>;
type Struct = Decoded['structs'][number];

/** Structs of one client, in their order, and how many are out. */
interface Line {
  readonly structs: readonly Struct[];
  next: number;
}

const linesOf = (structs: readonly Struct[]): Map<number, Line> => {
  const lines = new Map<number, Struct[]>();
  for (const struct of structs) {
    if (struct instanceof Y.Skip) continue;
    const line = lines.get(struct.id.client);
    if (line === undefined) lines.set(struct.id.client, [struct]);
    else line.push(struct);
  }
  return new Map([...lines].map(([client, all]) => [client, { structs: all, next: 0 }]));
};

const neededBy = (struct: Struct): readonly Y.ID[] => {
  if (!(struct instanceof Y.Item)) return [];
  const { origin, rightOrigin, parent } = struct;
  return [origin, rightOrigin, parent].filter((id) => id instanceof Y.ID);
};

/** Whether `id` comes with this update and is not out yet. */
const isAwaited = (lines: ReadonlyMap<number, Line>, { client, clock }: Y.ID): boolean => {
  const line = lines.get(client);
  const next = line?.structs[line.next];
  return next !== undefined && clock >= next.id.clock;
};

const nextOf = ({ structs, next }: Line): Struct | undefined => structs[next];

/** Client whose structs must go before this line's next one, if another's. */
const blockerOf = (lines: ReadonlyMap<number, Line>, line: Line): number | undefined => {
  const struct = nextOf(line);
  if (struct === undefined) return undefined;
  return neededBy(struct).find((id) => id.client !== struct.id.client && isAwaited(lines, id))?.client;
};

/**
 * The line to go on with, so that `line` can: along what blocks it. What honest documents hold has no circle;
 * a circle is cut after one round.
 */
const freeLine = (lines: ReadonlyMap<number, Line>, line: Line): Line => {
  let free = line;
  for (let step = 0; step < lines.size; step++) {
    const blocker = blockerOf(lines, free);
    const blocking = blocker === undefined ? undefined : lines.get(blocker);
    if (blocking === undefined) return free;
    free = blocking;
  }
  return free;
};

/** Every struct after those it refers to, so that no part of an update has to wait for a later one. */
function* inCausalOrder(lines: ReadonlyMap<number, Line>): Generator<Struct> {
  for (const line of lines.values()) {
    while (nextOf(line) !== undefined) {
      const free = freeLine(lines, line);
      const struct = nextOf(free);
      free.next++;
      if (struct !== undefined) yield struct;
    }
  }
}

/** Consecutive structs of one client, encoded. */
interface Run {
  readonly clock: number;
  readonly encoder: Y.UpdateEncoderV1;
  count: number;
  end: number;
}

const beginRun = (clock: number): Run => ({ clock, encoder: new Y.UpdateEncoderV1(), count: 0, end: clock });

const encodeRuns = (runs: ReadonlyMap<number, Run>): Uint8Array => {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, runs.size);
  for (const [client, run] of runs) {
    encoding.writeVarUint(encoder, run.count);
    encoding.writeVarUint(encoder, client);
    encoding.writeVarUint(encoder, run.clock);
    encoding.writeUint8Array(encoder, run.encoder.toUint8Array());
  }
  encoding.writeVarUint(encoder, 0); // deletes nothing
  return encoding.toUint8Array(encoder);
};

function* structParts(structs: Iterable<Struct>, maxBytes: number): Generator<Uint8Array> {
  let runs = new Map<number, Run>();
  let bytes = 0;
  for (const struct of structs) {
    const { client, clock } = struct.id;
    const before = runs.get(client);
    if (bytes >= maxBytes || (before !== undefined && before.end !== clock)) {
      yield encodeRuns(runs);
      runs = new Map();
      bytes = 0;
    }
    const run = runs.get(client) ?? beginRun(clock);
    const length = encoding.length(run.encoder.restEncoder);
    struct.write(run.encoder, 0);
    run.count++;
    run.end = clock + struct.length;
    runs.set(client, run);
    bytes += encoding.length(run.encoder.restEncoder) - length;
  }
  if (runs.size > 0) yield encodeRuns(runs);
}

/** Far below `maxBytes` each: a range takes at most 20 bytes. */
const RANGES_PER_PART = 5000;

const encodeDeletes = (client: number, ranges: readonly { readonly clock: number; readonly len: number }[]) => {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, 0); // no structs
  encoding.writeVarUint(encoder, 1);
  encoding.writeVarUint(encoder, client);
  encoding.writeVarUint(encoder, ranges.length);
  for (const { clock, len } of ranges) {
    encoding.writeVarUint(encoder, clock);
    encoding.writeVarUint(encoder, len);
  }
  return encoding.toUint8Array(encoder);
};

function* deleteParts({ clients }: Decoded['ds']): Generator<Uint8Array> {
  for (const [client, ranges] of clients) {
    for (let from = 0; from < ranges.length; from += RANGES_PER_PART) {
      yield encodeDeletes(client, ranges.slice(from, from + RANGES_PER_PART));
    }
  }
}

/**
 * An update (V1) as several that together do the same, of about `maxBytes` each: a relay takes no frame of
 * any size, and applies each between the frames of others. A part needs nothing of a later one; only a
 * single value that is larger by itself makes a larger part. An update that is small enough stays as it is.
 */
export const splitUpdate = (update: Uint8Array, maxBytes: number): readonly Uint8Array[] => {
  if (update.length <= maxBytes) return [update];
  const { structs, ds } = Y.decodeUpdate(update);
  return [...structParts(inCausalOrder(linesOf(structs)), maxBytes), ...deleteParts(ds)];
};
