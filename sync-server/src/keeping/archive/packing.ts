import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { createGunzip, createGzip } from 'node:zlib';
import type { Hashing } from '@baton/schema/archive';

/** Node's SHA-256. */
export const sha256 = (): Hashing => {
  const hash = createHash('sha256');
  return { update: (bytes) => void hash.update(bytes), hex: () => hash.digest('hex') };
};

/** What fails on either side ends the other; the one who reads is told. */
const tellReader = (): void => {};

/** Lines as a gzip stream: the same lines are always the same bytes. */
export const packLines = (lines: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> =>
  pipeline(Readable.from(lines, { objectMode: false }), createGzip({ level: 6 }), tellReader);

/** A file's bytes, unpacked as they are asked for. */
export const unpackFile = (path: string): AsyncIterable<Uint8Array> =>
  pipeline(createReadStream(path), createGunzip(), tellReader);
