import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Recordings of real readers lie beside the repository and are never copied into it. */
const FOLDER = fileURLToPath(new URL('../../../shared/data/ipico/', import.meta.url));

/** Path of a recording; an absent one fails the test that needs it, and says where it was looked for. */
export const recording = (name: string): string => {
  const path = `${FOLDER}${name}`;
  if (!existsSync(path)) throw new Error(`the recorded data ../shared/data/ipico/${name} is absent`);
  return path;
};

const sumOf = (line: string, end: number): number =>
  [...line.slice(2, end)].reduce((sum, it) => sum + it.charCodeAt(0), 0) % 256;

/** A read as the format says it, judged here without the product's parser. */
const isRead = (line: string): boolean => {
  const match = /^aa[0-9a-f]{34}(?:[0-9a-f]{6})?(?:FS|LS)?$/i.exec(line);
  if (match === null) return false;
  const bare = line.replace(/(?:FS|LS)$/, '');
  return sumOf(bare, bare.length - 2) === Number.parseInt(bare.slice(-2), 16);
};

/** The reads of a recording, in order, repeats kept, line ends off. */
export const readsIn = (name: string): readonly string[] =>
  readFileSync(recording(name), 'latin1')
    .split(/\r?\n|\r/)
    .filter(isRead);
