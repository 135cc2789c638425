import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createVirtualTime } from '@baton/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { createBackupAge } from '../../src/keeping/backup-age.ts';
import { readBackupRecord, writeBackupRecord } from '../../src/keeping/backup-record.ts';

const directory = mkdtempSync(join(tmpdir(), 'baton-backup-age-'));
afterAll(() => rmSync(directory, { recursive: true }));

const NOW = Date.UTC(2026, 4, 17, 9);

describe('the age of the last backup', () => {
  it('[P22] is known after a restart; an older backup does not take its place', async () => {
    expect(await readBackupRecord(directory)).toBeNull();
    const writes: Promise<void>[] = [];
    const keep = (madeAt: number): void => void writes.push(writeBackupRecord(directory, madeAt));
    const first = createBackupAge({ ...createVirtualTime(NOW), keep });
    first.note(NOW - 5000);
    first.note(NOW - 9000);
    await Promise.all(writes);
    expect(writes).toHaveLength(1);

    const time = createVirtualTime(NOW + 60_000);
    const known = await readBackupRecord(directory);
    const second = createBackupAge({ ...time, known });
    expect([second.at(), second.seconds()]).toEqual([NOW - 5000, 65]);
    time.jumpClock(-3_600_000);
    expect(second.seconds()).toBe(65);
  });

  it('is not known when the record cannot be read', async () => {
    for (const text of ['', '{"madeAt":', '{"madeAt":"yesterday"}', '{"madeAt":-1}']) {
      writeFileSync(join(directory, 'last-backup.json'), text);
      expect([text, await readBackupRecord(directory)]).toEqual([text, null]);
    }
  });
});
