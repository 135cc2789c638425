import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, describe, expect, it } from 'vitest';
import { examine } from '../../src/keeping/doctor/examine.ts';
import { repair } from '../../src/keeping/doctor/repair.ts';
import { restoreBackup } from '../../src/keeping/restore.ts';

const root = mkdtempSync(join(tmpdir(), 'baton keeping ’ "'));
afterAll(() => rmSync(root, { recursive: true }));
let made = 0;

const directory = (fill: (path: string) => void = () => {}): string => {
  const path = join(root, `it's "${++made}"`);
  mkdirSync(path);
  fill(path);
  return path;
};

const manifest = (path: string, change: object): void =>
  writeFileSync(
    join(path, 'manifest.json'),
    JSON.stringify({ format: 1, file: 'relay.db', bytes: 3, sha256: 'a'.repeat(64), madeAt: 1, ...change }),
  );

describe('a directory that is no relay’s', () => {
  it.each([
    ['nothing in it', () => directory(), 'there is no relay.db that this user can read'],
    ['no directory', () => join(root, 'nowhere'), 'there is no relay.db that this user can read'],
    ['an empty file', () => directory((it) => writeFileSync(join(it, 'relay.db'), '')), 'its relay.db is empty'],
    [
      'a database of another program',
      () => directory((it) => void new Database(join(it, 'relay.db')).exec('CREATE TABLE x (a)').close()),
      'database of another program',
    ],
  ])('[P24] with %s is not called damaged, and nothing is repaired', async (_, make, why) => {
    const path = make();
    const examined = examine(path);
    expect(examined).toMatchObject({ ok: false, error: { message: expect.stringContaining(why) } });
    expect((await repair(path)).ok).toBe(false);
  });
});

describe('what is no whole backup', () => {
  const target = (): string => join(root, `target-${made}`);
  const messageOf = async (backup: string, into = target()): Promise<string> => {
    const restored = await restoreBackup(backup, into);
    return restored.ok ? 'restored' : restored.error.message;
  };

  it('[P22] is told by what is wrong with it', async () => {
    expect(await messageOf(join(root, 'nowhere'))).toContain('manifest.json, which is written last, cannot be read');
    expect(await messageOf(directory((it) => writeFileSync(join(it, 'manifest.json'), '{"format":1')))).toContain(
      'damaged, or of another program',
    );
    expect(await messageOf(directory((it) => manifest(it, { format: 2 })))).toContain(
      'the backup has format 2, this Baton knows 1',
    );
    expect(await messageOf(directory((it) => manifest(it, { file: '../relay.db' })))).toContain('damaged');
    expect(await messageOf(directory((it) => manifest(it, {})))).toContain('both must be there');
  });

  it('[P22] leaves nothing behind that would keep a whole one from being restored there', async () => {
    const backup = directory((it) => {
      writeFileSync(join(it, 'relay.db'), 'abc');
      manifest(it, {});
    });
    const into = target();
    expect(await messageOf(backup, into)).toContain('not those of the manifest');
    expect(readdirSync(into)).toEqual([]);
    manifest(backup, { sha256: createHash('sha256').update('abc').digest('hex') });
    expect(await messageOf(backup, into)).toBe('restored');
    expect(await messageOf(backup, into)).toContain('expected an empty directory');
  });
});
