import * as encoding from 'lib0/encoding';
import * as Y from 'yjs';

/** Updates that nobody makes by editing, written by hand in Yjs's V1 encoding: the dearest that the gate lets through. */

type Write = (encoder: encoding.Encoder) => void;

interface Block {
  readonly client: number;
  readonly clock?: number;
  readonly structs: readonly Write[];
}

const uints = (encoder: encoding.Encoder, ...numbers: readonly number[]): void => {
  for (const number of numbers) encoding.writeVarUint(encoder, number);
};

const NULL = 126;

const nullValue: Write = (encoder) => encoding.writeUint8(encoder, NULL);

const entry =
  (key: string, value: Write = nullValue): Write =>
  (encoder) => {
    uints(encoder, 0x28, 1);
    encoding.writeVarString(encoder, 'm');
    encoding.writeVarString(encoder, key);
    uints(encoder, 1);
    value(encoder);
  };

const after =
  (client: number, clock: number): Write =>
  (encoder) => {
    encoding.writeUint8(encoder, 0x88);
    uints(encoder, client, clock, 1);
    nullValue(encoder);
  };

const entryIn =
  (client: number, clock: number, key: string): Write =>
  (encoder) => {
    uints(encoder, 0x28, 0, client, clock);
    encoding.writeVarString(encoder, key);
    uints(encoder, 1);
    nullValue(encoder);
  };

const collected: Write = (encoder) => uints(encoder, 0, 1);

const mapEntry: Write = (encoder) => {
  uints(encoder, 0x27, 1);
  encoding.writeVarString(encoder, 'm');
  encoding.writeVarString(encoder, 'map');
  uints(encoder, 1);
};

const updateOf = (blocks: readonly Block[], deleted: readonly (readonly [client: number, clock: number])[] = []) => {
  const encoder = encoding.createEncoder();
  uints(encoder, blocks.length);
  for (const { client, clock = 0, structs } of blocks) {
    uints(encoder, structs.length, client, clock);
    for (const write of structs) write(encoder);
  }
  uints(encoder, deleted.length);
  for (const [client, clock] of deleted) uints(encoder, client, 1, clock, 1);
  return encoding.toUint8Array(encoder);
};

const numbers = (count: number, first = 0): readonly number[] => Array.from({ length: count }, (_, at) => first + at);

const quarrelOf = (client: number, values: number): Block => ({
  client,
  structs: numbers(values).map((n) => {
    if (client === 2) return after(1, n);
    return n === 0 ? entry('k') : after(2, n - 1);
  }),
});

const nulls =
  (count: number): Write =>
  (encoder) => {
    encoding.writeUint8(encoder, 117);
    uints(encoder, count);
    encoding.writeUint8Array(encoder, new Uint8Array(count).fill(NULL));
  };

/** By name: updates that are sent one after the other. */
export const DEAREST: Readonly<Record<string, () => readonly Uint8Array[]>> = {
  '1,200 clients who set one key at once': () => [
    updateOf(numbers(1200, 1).map((client) => ({ client, structs: [entry('k')] }))),
  ],
  '30 clients who set a key anew that two replaced 15,000 times': () => [
    updateOf([quarrelOf(2, 7500), quarrelOf(1, 7500)]),
    updateOf(numbers(30, 10).map((client) => ({ client, structs: [entry('k')] }))),
  ],
  '8,000 clients': () => [updateOf(numbers(8000, 1).map((client) => ({ client, structs: [entry(`k${client}`)] })))],
  'a map of 8,000 keys, deleted at once': () => [
    updateOf([{ client: 7, structs: [mapEntry, ...numbers(8000).map((n) => entryIn(7, 0, `k${n}`))] }]),
    updateOf([], [[7, 0]]),
  ],
  '260,000 collected structs': () => [
    updateOf([{ client: 7, structs: Array.from({ length: 260_000 }, () => collected) }]),
  ],
  'a value of 160,000 nulls': () => [updateOf([{ client: 7, structs: [entry('k', nulls(160_000))] }])],
};

/** Changes of many clients that each lack what comes before: what Yjs alone would keep and merge. */
export const gapBomb = (clients: number): Uint8Array =>
  updateOf(numbers(clients, 1).map((client) => ({ client, clock: 1000, structs: [collected] })));

/** A roster that just fits into one frame. */
export const rosterUpdate = (people: number): Uint8Array => {
  const doc = new Y.Doc();
  doc.transact(() => {
    for (let n = 0; n < people; n++) {
      doc.getMap('participants').set(`01890000-0000-7000-8000-000000000000#${n}`, {
        bib: `${n}`,
        firstName: 'Anna',
        lastName: `Muster ${n}`,
        club: 'LC',
        sex: 'f',
        birthYear: 1990,
        category: null,
        raceId: null,
      });
    }
  });
  return Y.encodeStateAsUpdate(doc);
};
