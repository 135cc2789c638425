import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandFailure, type CommandIo } from '@baton/schema/command';
import { afterAll, describe, expect, it } from 'vitest';
import { runEventImport } from '../../src/cli/archive.ts';
import { runBackup } from '../../src/cli/backup.ts';

const root = mkdtempSync(join(tmpdir(), 'baton ’ keeping "'));
afterAll(() => rmSync(root, { recursive: true }));

const io = { out: () => {}, err: () => {} } as unknown as CommandIo;
/** Nobody listens there: whatever is told before it is asked is told of the file. */
const options = { relay: 'http://127.0.0.1:9', token: 't' };

const failureOf = async (run: Promise<void>): Promise<string> => {
  const error = await run.then(
    () => null,
    (it: unknown) => it,
  );
  expect(error).toBeInstanceOf(CommandFailure);
  return (error as CommandFailure).message;
};

describe('commands that keep', () => {
  it('[P22] a backup that cannot lie where it should says so before the relay copies anything', async () => {
    const file = join(root, 'a "file"');
    writeFileSync(file, '');
    expect(await failureOf(runBackup(options, join(file, 'below'), io))).toContain('expected a directory');
    mkdirSync(join(root, 'full'));
    writeFileSync(join(root, 'full', 'x'), '');
    expect(await failureOf(runBackup(options, join(root, 'full'), io))).toContain('expected an empty directory');
    expect(await failureOf(runBackup(options, join(root, `${'x'.repeat(300)}`), io))).toContain('ENAMETOOLONG');
  });

  it('[P22] a backup that the relay did not give leaves no directory that looks like one', async () => {
    const directory = join(root, 'none');
    expect(await failureOf(runBackup(options, directory, io))).toContain('the relay cannot be reached');
    expect(existsSync(directory)).toBe(false);
  });

  it('[P22] an import of what is no file is told of the file, not of the relay', async () => {
    expect(await failureOf(runEventImport(options, root, io))).toContain('expected a file that baton event export');
    expect(await failureOf(runEventImport(options, join(root, 'nothing'), io))).toContain('cannot be read');
  });
});
