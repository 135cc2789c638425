import * as encoding from 'lib0/encoding';
import * as Y from 'yjs';
import { GATE_LIMITS, type GateLimits } from '../../../src/docs/gate/limits.ts';
import { type UpdateKind, type UpdateOutcome, updateSteps } from '../../../src/docs/gate/update-steps.ts';

/** What of a crafted update is written: numbers as `varUint`, texts with their length, bytes as they are. */
type Part = number | string | Uint8Array;

export const bytesOf = (...parts: readonly Part[]): Uint8Array => {
  const encoder = encoding.createEncoder();
  for (const part of parts) {
    if (typeof part === 'number') encoding.writeVarUint(encoder, part);
    else if (typeof part === 'string') encoding.writeVarString(encoder, part);
    else encoding.writeUint8Array(encoder, part);
  }
  return encoding.toUint8Array(encoder);
};

const byte = (value: number): Uint8Array => Uint8Array.of(value);

export const NULL = byte(126);

/** Structs, as bytes. Contents: 0 collected, 1 deleted, 4 text, 7 type, 8 any, 10 skip. */
export const collected = (length: number): Uint8Array => bytesOf(byte(0), length);
export const skipped = (length: number): Uint8Array => bytesOf(byte(10), length);
export const entry = (root: string, key: string, value: Uint8Array = NULL): Uint8Array =>
  bytesOf(byte(0x28), 1, root, key, 1, value);
export const entryIn = (client: number, clock: number, key: string, value: Uint8Array = NULL): Uint8Array =>
  bytesOf(byte(0x28), 0, client, clock, key, 1, value);
export const after = (client: number, clock: number, value: Uint8Array = NULL): Uint8Array =>
  bytesOf(byte(0x88), client, clock, 1, value);
export const run = (root: string, key: string, values: readonly Uint8Array[]): Uint8Array =>
  bytesOf(byte(0x28), 1, root, key, values.length, ...values);
export const mapEntry = (root: string, key: string): Uint8Array => bytesOf(byte(0x27), 1, root, key, byte(1));
export const mapEntryIn = (client: number, clock: number, key: string): Uint8Array =>
  bytesOf(byte(0x27), 0, client, clock, key, byte(1));
export const item = (root: string, value: Uint8Array = NULL): Uint8Array => bytesOf(byte(8), 1, root, 1, value);
const nulls = (count: number): Uint8Array => new Uint8Array(count).fill(126);
export const items = (root: string, count: number): Uint8Array => bytesOf(byte(8), 1, root, count, nulls(count));
export const itemsIn = (client: number, clock: number, count: number): Uint8Array =>
  bytesOf(byte(8), 0, client, clock, count, nulls(count));
export const textIn = (client: number, clock: number, text: string): Uint8Array =>
  bytesOf(byte(4), 0, client, clock, text);
export const between = (
  left: readonly [client: number, clock: number] | null,
  right: readonly [client: number, clock: number] | null,
  value: Uint8Array = NULL,
): Uint8Array => {
  const info = 8 | (left === null ? 0 : 0x80) | (right === null ? 0 : 0x40);
  return bytesOf(byte(info), ...(left ?? []), ...(right ?? []), 1, value);
};
export const withInfo = (info: number, ...parts: readonly Part[]): Uint8Array => bytesOf(byte(info), ...parts);

export interface BlockOf {
  readonly client: number;
  readonly clock?: number;
  readonly structs: readonly Uint8Array[];
}

export interface RangesOf {
  readonly client: number;
  readonly ranges: readonly (readonly [clock: number, length: number])[];
}

export const updateOf = (blocks: readonly BlockOf[], deleted: readonly RangesOf[] = []): Uint8Array =>
  bytesOf(
    blocks.length,
    ...blocks.flatMap(({ client, clock = 0, structs }) => [structs.length, client, clock, ...structs]),
    deleted.length,
    ...deleted.flatMap(({ client, ranges }) => [client, ranges.length, ...ranges.flat()]),
  );

/** Two clients replace each other's value of one key in turn. */
export const quarrel = (values: number): Uint8Array =>
  updateOf(
    [2, 1].map((client) => ({
      client,
      structs: Array.from({ length: values / 2 }, (_, n) => {
        if (client === 2) return after(1, n);
        return n === 0 ? entry('m', 'k') : after(2, n - 1);
      }),
    })),
  );

export const alone = (...structs: readonly Uint8Array[]): Uint8Array => updateOf([{ client: 1, structs }]);

const NO_ONE = (): boolean => false;

export interface Taken {
  readonly outcome: UpdateOutcome;
  /** What each step said it cost. */
  readonly costs: readonly number[];
}

export const take = (
  doc: Y.Doc,
  update: Uint8Array,
  kind: UpdateKind = 'update',
  options: { readonly isForeign?: (client: number) => boolean; readonly limits?: Partial<GateLimits> } = {},
): Taken => {
  const limits = { ...GATE_LIMITS, ...options.limits };
  const steps = updateSteps(update, kind, { doc, origin: 'a test', isForeign: options.isForeign ?? NO_ONE, limits });
  const costs: number[] = [];
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) return { outcome: step.value, costs };
    costs.push(step.value);
  }
};

/** Everything of a document that can be seen from outside. */
export const stateOf = (doc: Y.Doc): unknown => ({
  encoded: Y.encodeStateAsUpdate(doc),
  roots: [...doc.share.keys()],
  pending: [doc.store.pendingStructs, doc.store.pendingDs],
});
