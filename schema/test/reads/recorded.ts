import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

const FOLDER = new URL('../../../../shared/data/', import.meta.url);

/** A recorded file; it lies beside the repository, never in it. */
export const recordedFile = (path: string): Buffer => {
  const url = new URL(path, FOLDER);
  if (!existsSync(url)) {
    throw new Error(
      `recorded data is absent: expected ../shared/data/${path} beside the repository (see its README.md)`,
    );
  }
  return readFileSync(url);
};

const linesOf = (bytes: Buffer): readonly Buffer[] =>
  bytes
    .toString('latin1')
    .split(/\r?\n/)
    .filter((line) => line !== '')
    .map((line) => Buffer.from(line, 'latin1'));

/** Lines of a recording without their line ends, empty ones left out. */
export const recordedLines = (path: string): readonly Buffer[] => linesOf(recordedFile(path));

export const recordedGzipLines = (path: string): readonly Buffer[] => linesOf(gunzipSync(recordedFile(path)));
