import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { keptAdminToken, prepareDataDir } from '../../src/platform/data-dir.ts';

const root = mkdtempSync(join(tmpdir(), 'baton-data-dir-'));
afterAll(() => rmSync(root, { recursive: true }));

const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe('a data directory', () => {
  it('is its owner’s only: names, chips and hashes of tokens lie in it', async () => {
    const made = join(root, 'a', 'data');
    await prepareDataDir(made);
    expect(modeOf(made)).toBe(0o700);
    await keptAdminToken(made);
    expect(modeOf(join(made, 'admin-token'))).toBe(0o600);
  });

  it('that is there stays as somebody made it', async () => {
    const made = join(root, 'shared');
    mkdirSync(made, { mode: 0o750 });
    await prepareDataDir(made);
    expect(modeOf(made)).toBe(0o750);
  });

  it('that cannot be one is refused with what was expected', async () => {
    const file = join(root, 'file');
    writeFileSync(file, '');
    await expect(prepareDataDir(join(file, 'data'))).rejects.toThrow('expected a directory that can be written');
  });
});
