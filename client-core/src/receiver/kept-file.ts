import { readFile } from 'node:fs/promises';
import type { Log } from '@baton/schema/ports';
import type { z } from 'zod';
import { isAbsent, replaceFile } from '../platform/node/replace-file.ts';

/** A small JSON file that is either the old value or the new one, whenever the power goes. */
export interface KeptFile<T> {
  /** What is stored; null when absent or unreadable, which is logged: a broken file must not keep a receiver from starting. */
  readonly read: () => Promise<T | null>;
  /** Resolves once it is on disk. Writes are made one after the other. Rejects when the disk refuses. */
  readonly write: (value: T) => Promise<void>;
}

export const createKeptFile = <S extends z.ZodType>(path: string, schema: S, log: Log): KeptFile<z.infer<S>> => {
  let last: Promise<void> = Promise.resolve();
  return {
    read: async () => {
      try {
        return schema.parse(JSON.parse(await readFile(path, 'utf8')));
      } catch (error) {
        if (!isAbsent(error)) log.warn('a stored file is unreadable and is left out', { path, error: String(error) });
        return null;
      }
    },
    write: (value) => {
      const text = `${JSON.stringify(value, null, 2)}\n`;
      const write = last.then(() => replaceFile(path, text));
      last = write.catch(() => {}); // told to the one who asked; the next write is another matter
      return write;
    },
  };
};
