import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '@baton/schema/ports';
import type { Result } from '@baton/schema/result';
import { liveStoreContract } from '@baton/testkit/live-store-contract';
import { afterEach, describe, expect, it } from 'vitest';
import { openFileStore } from '../../src/live/stores/file-store.ts';
import { createMemoryStore } from '../../src/live/stores/memory-store.ts';
import { openSqliteStore } from '../../src/live/stores/sqlite-store.ts';

const directories: string[] = [];
const temporary = async (): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), 'baton-live-'));
  directories.push(directory);
  return directory;
};
afterEach(async () => {
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true, force: true });
});

const must = <T, E>(result: Result<T, E>): T => {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
};

liveStoreContract('memory', async () => ({ store: createMemoryStore(), end: async () => {} }));

liveStoreContract('files', async () => {
  const directory = await temporary();
  const open = async () => must(await openFileStore(directory, silentLog));
  const store = await open();
  return { store, reopen: open, end: store.close };
});

liveStoreContract('SQLite', async () => {
  const path = join(await temporary(), 'live.db');
  const open = async () => must(openSqliteStore(path));
  const store = await open();
  return { store, reopen: open, end: store.close };
});

describe('a store that cannot be', () => {
  it('is told in one line, whoever is at fault', async () => {
    const directory = await temporary();
    const file = join(directory, 'a-file');
    await writeFile(file, 'not a database, and no directory either'.repeat(50));
    expect(await openFileStore(join(file, 'below'), silentLog)).toMatchObject({ error: { type: 'store-failed' } });
    expect(openSqliteStore(file)).toMatchObject({ error: { message: expect.stringContaining('SQLITE_NOTADB') } });
    expect(openSqliteStore(join(directory, 'nowhere', 'x.db'))).toMatchObject({ error: { type: 'store-failed' } });
  });

  it('leaves out a letter that is no letter, and lists the others', async () => {
    const directory = await temporary();
    const store = must(await openFileStore(directory, silentLog));
    await store.putLetter({
      manager: 'm',
      command: { key: 'k', type: 't', payload: null },
      error: 'e',
      at: 1,
      attempts: 1,
    });
    await writeFile(join(directory, 'dead-letters', 'broken.json'), '{"manager":');
    expect(must(await store.letters())).toHaveLength(1);
    expect(await readdir(join(directory, 'dead-letters'))).toHaveLength(2);
  });
});
