/** Updates one after another in one buffer: a thread is sent one thing instead of many. Grown until it is sent. */
export interface PackedUpdates {
  bytes: Uint8Array;
  /** Where each ends. */
  readonly ends: number[];
  /** Bytes in use. */
  size: number;
}

export const pack = (first: Uint8Array): PackedUpdates => ({
  bytes: new Uint8Array(first),
  ends: [first.length],
  size: first.length,
});

/** Adds one behind the others. */
export const packMore = (packed: PackedUpdates, update: Uint8Array): void => {
  const size = packed.size + update.length;
  if (size > packed.bytes.length) {
    const larger = new Uint8Array(2 * size);
    larger.set(packed.bytes);
    packed.bytes = larger;
  }
  packed.bytes.set(update, packed.size);
  packed.size = size;
  packed.ends.push(size);
};

export const unpack = ({ bytes, ends }: PackedUpdates): readonly Uint8Array[] =>
  ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
