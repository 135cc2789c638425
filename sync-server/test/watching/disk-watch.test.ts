import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Log, silentLog } from '@baton/schema/ports';
import { createVirtualTime } from '@baton/testkit';
import { describe, expect, it } from 'vitest';
import { diskSpaceOf } from '../../src/platform/disk-space.ts';
import { type DiskSpace, watchDisk } from '../../src/watching/disk-watch.ts';
import { temporaryDirectory } from '../storage/data-directory.ts';

const SPACE: DiskSpace = { dataBytes: 1, freeBytes: 2, sizeBytes: 3 };

describe('watchDisk', () => {
  it('looks again and again; what cannot be looked at is not known, and told once', async () => {
    const time = createVirtualTime();
    const warnings: string[] = [];
    const journal: Log = { ...silentLog, warn: (message) => warnings.push(message) };
    let found: DiskSpace | null = SPACE;
    const look = async (): Promise<DiskSpace> => {
      if (found === null) throw new Error('EIO');
      return found;
    };
    const watch = await watchDisk({ timers: time.timers, journal, look });
    expect(watch.space()).toEqual(SPACE);
    found = { ...SPACE, freeBytes: 1 };
    await time.advanceAsync(5000);
    expect(watch.space()?.freeBytes).toBe(1);
    found = null;
    await time.advanceAsync(15_000);
    expect(watch.space()).toBeNull();
    expect(warnings).toHaveLength(1);
    found = SPACE;
    await time.advanceAsync(5000);
    expect(watch.space()).toEqual(SPACE);
    watch.stop();
  });

  it('a disk that hangs keeps nobody waiting, and is asked once', async () => {
    const time = createVirtualTime();
    let looks = 0;
    const never = (): Promise<DiskSpace> => {
      looks += 1;
      return new Promise(() => {});
    };
    const opened = watchDisk({ timers: time.timers, journal: silentLog, look: never });
    await time.advanceAsync(60_000);
    const watch = await opened;
    expect(watch.space()).toBeNull();
    expect(looks).toBe(1);
    watch.stop();
  });
});

describe('diskSpaceOf', () => {
  it('is what the files of the directory take, and what its disk has', async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory.path, 'relay.db'), new Uint8Array(1000));
    writeFileSync(join(directory.path, 'relay.db-wal'), new Uint8Array(234));
    mkdirSync(join(directory.path, 'folder'));
    const { dataBytes, freeBytes, sizeBytes } = await diskSpaceOf(directory.path);
    expect(dataBytes).toBe(1234);
    expect(freeBytes).toBeGreaterThan(0);
    expect(sizeBytes).toBeGreaterThanOrEqual(freeBytes);
    directory.remove();
  });
});
