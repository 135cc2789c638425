import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockDirectory } from '../../src/replica/directory-lock.ts';

describe('directory lock', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'baton-lock-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  it('has one owner at a time, also inside one process', () => {
    const first = lockDirectory(join(dir, 'new'), 'the first');
    expect(first.ok).toBe(true);
    expect(lockDirectory(join(dir, 'new'), 'the second')).toMatchObject({
      ok: false,
      error: { type: 'in-use', message: expect.stringContaining('in use by the first') },
    });
    if (first.ok) first.value.release();
    const third = lockDirectory(join(dir, 'new'), 'the third');
    expect(third.ok).toBe(true);
    if (third.ok) third.value.release();
  });

  it.each(['nonsense', ''])('is told from a lock file that holds %j', async (text) => {
    await writeFile(join(dir, 'lock'), text);
    const lock = lockDirectory(dir, 'the test');
    if (lock.ok) lock.value.release();
    else expect(lock.error).toMatchObject({ type: 'unwritable' });
    expect(lock.ok).toBe(text === '');
  });

  it('says what it cannot write to', async () => {
    await writeFile(join(dir, 'file'), '');
    expect(lockDirectory(join(dir, 'file', 'x'), 'the test')).toMatchObject({
      ok: false,
      error: { type: 'unwritable', message: expect.stringContaining(join(dir, 'file', 'x')) },
    });
  });
});
