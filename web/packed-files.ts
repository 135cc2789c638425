import { promises } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Plugin } from 'vite';

const pack = promisify(gzip);

/** Below this, the headers are what costs. */
const WORTH_BYTES = 1024;

const isPacked = (name: string): boolean => /^assets\/.*\.(?:js|css|wasm|data|svg)$/.test(name);

/**
 * Each built file that is worth it, packed beside it as `<name>.gz`: the relay then sends these and spends no time on them.
 * A receiver's database is 16 MB otherwise, on the line of a remote venue.
 */
export const packedFiles = (): Plugin => {
  let directory = '';
  return {
    name: 'baton-packed-files',
    apply: 'build',
    configResolved: ({ root, build }) => {
      directory = resolve(root, build.outDir);
    },
    writeBundle: async (_options, bundle) => {
      for (const name of Object.keys(bundle).filter(isPacked)) {
        const path = join(directory, name);
        const bytes = await promises.readFile(path);
        if (bytes.length >= WORTH_BYTES) await promises.writeFile(`${path}.gz`, await pack(bytes, { level: 9 }));
      }
    },
  };
};
