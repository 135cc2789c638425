import { readFileSync } from 'node:fs';

/** Version of this package, as its manifest says: both its sources and its built files lie two folders below it. */
export const relayVersion = (): string => {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const version = typeof manifest === 'object' && manifest !== null ? Reflect.get(manifest, 'version') : null;
  if (typeof version !== 'string') throw new Error('the package’s manifest has no version');
  return version;
};
