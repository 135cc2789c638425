import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventId, NodeId, RaceId, StreamId } from '@baton/schema/ids';
import { silentLog } from '@baton/schema/ports';
import { NOTHING_SELECTED, type Selection } from '@baton/schema/selection';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openIdentityStore } from '../../src/receiver/identity.ts';
import { openSelectionStore } from '../../src/receiver/selection-store.ts';

const race: Selection = { mode: 'race', raceId: RaceId.parse('r1'), epochScope: 'current' };
const manual: Selection = { mode: 'manual', streams: [StreamId.parse('box-1.mat')] };

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'baton-kept-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const file = (): string => join(dir, 'selection.json');

describe('stored selection', () => {
  it('is nothing at first, also where there is no directory yet', async () => {
    const store = await openSelectionStore(join(dir, 'a', 'b'), silentLog);
    expect(store.current()).toEqual(NOTHING_SELECTED);
    await store.store(race);
    expect((await openSelectionStore(join(dir, 'a', 'b'), silentLog)).current()).toEqual(race);
  });

  it('[RT-26] is the same after a restart', async () => {
    const store = await openSelectionStore(dir, silentLog);
    await store.store(manual);
    await store.store(race);
    expect(store.current()).toEqual(race);
    expect((await openSelectionStore(dir, silentLog)).current()).toEqual(race);
    expect(await readdir(dir)).toEqual(['selection.json']);
  });

  it('is the last of many that were stored at once', async () => {
    const store = await openSelectionStore(dir, silentLog);
    await Promise.all([manual, race, manual, race, manual].map((it) => store.store(it)));
    expect((await openSelectionStore(dir, silentLog)).current()).toEqual(manual);
    expect(JSON.parse(await readFile(file(), 'utf8'))).toMatchObject(manual);
  });

  it.each(['', '{', 'null', '{"mode":"race"}', '\u0000\u0000\u0000'])(
    'is nothing when the file holds %j, and says so',
    async (text) => {
      const told: string[] = [];
      await writeFile(file(), text);
      const store = await openSelectionStore(dir, { ...silentLog, warn: (message) => told.push(message) });
      expect(store.current()).toEqual(NOTHING_SELECTED);
      expect(told).toEqual(['a stored file is unreadable and is left out']);
      await store.store(race);
      expect((await openSelectionStore(dir, silentLog)).current()).toEqual(race);
    },
  );

  it('stays what it was when the disk refuses', async () => {
    const store = await openSelectionStore(dir, silentLog);
    await store.store(manual);
    await rm(dir, { recursive: true });
    await writeFile(dir, 'a file where the directory was');
    await expect(store.store(race)).rejects.toThrow();
    expect(store.current()).toEqual(manual);
  });
});

describe('known identity', () => {
  const identity = { eventId: EventId.parse('e1'), nodeId: NodeId.parse('laptop'), label: null };

  it('is known again with the same token, and only then', async () => {
    const store = await openIdentityStore(dir, 'secret', silentLog);
    expect([store.known, store.eventId]).toEqual([null, null]);
    await store.keep(identity);
    expect((await openIdentityStore(dir, 'secret', silentLog)).known).toMatchObject(identity);
    const other = await openIdentityStore(dir, 'another', silentLog);
    expect([other.known, other.eventId]).toEqual([null, 'e1']);
  });

  it('[P14] never writes the token itself', async () => {
    const store = await openIdentityStore(dir, 'secret', silentLog);
    await store.keep(identity);
    expect(await readFile(join(dir, 'identity.json'), 'utf8')).not.toContain('secret');
  });
});
