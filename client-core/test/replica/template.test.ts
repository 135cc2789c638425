import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PUT_META } from '@baton/schema/sql';
import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPgliteDatabase } from '../../src/replica/pglite-database.ts';
import { copyTemplate, PACKED_TEMPLATE, TEMPLATE } from '../../src/replica/template.ts';
import { TEMPLATE_KEY } from '../../src/replica/template-key.ts';
import { openShared, type SharedDatabase } from './open-in-memory.ts';

let shared: SharedDatabase;
let root: string;
beforeAll(async () => {
  shared = await openShared();
  root = await mkdtemp(join(tmpdir(), 'baton-template-'));
}, 180_000);
afterAll(async () => {
  await shared.close();
  await rm(root, { recursive: true });
});

describe('the template of a database', () => {
  it('counts as new in a copy, once', async () => {
    await shared.fresh();
    await shared.db.query(PUT_META, [TEMPLATE_KEY, '1']);
    expect((await openPgliteDatabase(shared.db)).made).toBe(true);
    expect((await openPgliteDatabase(shared.db)).made).toBe(false);
  });

  it('is copied where there is nothing, and never over what is there', async () => {
    const isBuilt = await stat(TEMPLATE).then(
      () => true,
      () => false,
    );
    const fresh = join(root, 'fresh');
    expect(await copyTemplate(fresh)).toBe(isBuilt);
    expect(await readdir(root)).toEqual(isBuilt ? ['fresh'] : []);
    await writeFile(join(root, 'held'), 'a database');
    expect(await copyTemplate(join(root, 'held'))).toBe(false);
    expect((await stat(join(root, 'held'))).size).toBe(10);
  });

  it('packed for a browser is the same, where it was built', async () => {
    const bytes = await readFile(PACKED_TEMPLATE).catch(() => null);
    expect(bytes !== null).toBe(
      await stat(TEMPLATE).then(
        () => true,
        () => false,
      ),
    );
    if (bytes === null) return;
    const db = await PGlite.create({
      loadDataDir: new Blob([new Uint8Array(bytes)], { type: 'application/gzip' }),
    });
    const { made, database } = await openPgliteDatabase(db);
    expect(made).toBe(true);
    expect((await database.end()).pos).toBe(0);
    await database.close();
  }, 180_000);
});
