import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip, createGzip } from 'node:zlib';
import type { Hashing } from '@baton/schema/archive';

/** Node's SHA-256. */
export const sha256 = (): Hashing => {
  const hash = createHash('sha256');
  return { update: (bytes) => void hash.update(bytes), hex: () => hash.digest('hex') };
};

/** What fails on either side ends the other; the one who reads is told. */
const tellReader = (): void => {};

/** Bytes packed in one go. */
const ROOM_BYTES = 128 * 1024;

/**
 * Parts of lines as a gzip stream: the same parts are always the same bytes. All of them go through one room: with a buffer for each,
 * memory outside V8's heap would grow so fast that V8 stopped everything to collect its heap.
 */
export async function* packTexts(texts: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  const gzip = createGzip({ level: 6 });
  gzip.on('error', tellReader); // the write that failed tells it
  let packed: Uint8Array[] = [];
  gzip.on('data', (bytes: Uint8Array) => packed.push(bytes));
  const take = (): readonly Uint8Array[] => {
    const taken = packed;
    packed = [];
    return taken;
  };
  const room = new Uint8Array(ROOM_BYTES);
  const encoder = new TextEncoder();
  let filled = 0;
  /** Resolves once the room is free again. */
  const pack = (): Promise<void> =>
    new Promise((resolve, reject) => {
      gzip.write(room.subarray(0, filled), (error) => (error == null ? resolve() : reject(error)));
      filled = 0;
    });
  try {
    for await (const text of texts) {
      for (let rest = text; rest !== ''; ) {
        const { read, written } = encoder.encodeInto(rest, room.subarray(filled));
        filled += written;
        rest = rest.slice(read);
        if (rest === '' && filled < ROOM_BYTES / 2) continue;
        await pack();
        yield* take();
      }
    }
    await pack();
    await new Promise<void>((resolve, reject) => {
      gzip.once('end', resolve).once('error', reject);
      gzip.end();
    });
    yield* take();
  } finally {
    gzip.destroy();
  }
}

/** A file's bytes, unpacked as they are asked for. */
export const unpackFile = (path: string): AsyncIterable<Uint8Array> =>
  pipeline(createReadStream(path), createGunzip(), tellReader);
