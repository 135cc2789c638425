import { silentLog } from '@baton/schema/ports';
import { createVirtualTime } from '@baton/testkit';
import { describe, expect, it } from 'vitest';
import { createStorageLadder } from '../../../src/replica/browser/storage-ladder.ts';
import { DATABASE_NAME } from '../../../src/replica/database-directory.ts';
import type { WorkerMessage } from '../../../src/replica/pglite-calls.ts';
import type { OpenWorker } from '../../../src/replica/worker-port.ts';

const DATABASE = /\/pglite-[^/]*-(?<slot>[ab])$/;

/** Files of an origin, as far as a ladder sees them: some are held for a while by a worker that was ended. */
const createOrigin = (heldFor: { removals: number }) => {
  const entries = new Set<string>();
  const folder = {
    getDirectoryHandle: async () => folder,
    getFileHandle: async (name: string) => {
      entries.add(name);
      return {};
    },
    removeEntry: async (name: string) => {
      if (!name.endsWith('.sound') && heldFor.removals-- > 0) {
        throw new DOMException('an access handle is open', 'NoModificationAllowedError');
      }
      if (!entries.delete(name)) throw new DOMException('no such entry', 'NotFoundError');
    },
    async *keys() {
      yield* [...entries];
    },
  };
  const manager = { getDirectory: async () => folder, estimate: async () => ({ quota: 1e10, usage: 0 }) };
  return { entries, storage: { manager: manager as unknown as StorageManager, indexedDb: null } };
};

/** Its first open fails; later ones make a database. */
const stage = (removals: number) => {
  const time = createVirtualTime();
  const { entries, storage } = createOrigin({ removals });
  const opens: string[] = [];
  const plain: unknown[] = [];
  const openWorker: OpenWorker = ({ directory, ...input }, { onMessage }) => {
    plain.push(input.plain);
    opens.push(directory.startsWith('memory') ? 'memory' : (DATABASE.exec(directory)?.groups?.['slot'] ?? '?'));
    entries.add(directory.split('/').at(-1) ?? '');
    const failed: WorkerMessage = { type: 'failed', id: null, damaged: false, message: 'it does not open' };
    time.timers.after(1, () => onMessage(opens.length === 1 ? failed : { type: 'opened', made: true }));
    return { post: () => {}, end: async () => {} };
  };
  const ladder = createStorageLadder(
    { timers: time.timers, log: silentLog, openWorker, storage },
    { name: 'e1.desk', modes: ['opfs', 'memory'], limits: { openMs: 60_000, callMs: 60_000 } },
  );
  return { time, opens, plain, ladder };
};

/** The disk is full: PGlite says so in words of its own, only the worker knows that a write was refused. */
const fullStage = (kept: readonly string[]) => {
  const time = createVirtualTime();
  const { entries, storage } = createOrigin({ removals: 0 });
  for (const name of kept) entries.add(name);
  const opens: string[] = [];
  const openWorker: OpenWorker = ({ directory }, { onMessage }) => {
    const [kind = ''] = directory.split('://');
    opens.push(kind);
    const message = 'PGlite failed to initialize properly';
    const failed: WorkerMessage = { type: 'failed', id: null, damaged: false, full: true, message };
    time.timers.after(1, () => onMessage(kind === 'memory' ? { type: 'opened', made: true } : failed));
    return { post: () => {}, end: async () => {} };
  };
  const indexedDb = { databases: async () => [] } as unknown as IDBFactory;
  const ladder = createStorageLadder(
    { timers: time.timers, log: silentLog, openWorker, storage: { ...storage, indexedDb } },
    { name: 'e1.desk', modes: ['opfs', 'indexeddb', 'memory'], limits: { openMs: 60_000, callMs: 60_000 } },
  );
  const open = async () => {
    const opening = ladder.open(false);
    await time.advanceAsync(1000);
    return opening;
  };
  return { entries, opens, ladder, open };
};

describe('storage of a browser whose disk is full', () => {
  it('[P28] leaves a database as it is that only lacks space to be opened, and begins none beside it', async () => {
    const database = `${DATABASE_NAME}-a`;
    const { entries, opens, ladder, open } = fullStage([database, `${database}.sound`]);
    expect((await open()).ok).toBe(true);
    expect(opens).toEqual(['opfs-ahp', 'memory']);
    expect([...entries]).toEqual([database, `${database}.sound`]);
    const [refused] = ladder.choice().refused;
    expect(refused?.message).toContain('too little space is left to open what is kept there, which stays');
  });

  it('tries the next kind where nothing is kept yet: it may do with less', async () => {
    const { opens, open } = fullStage([]);
    expect((await open()).ok).toBe(true);
    expect(opens).toEqual(['opfs-ahp', 'idb', 'memory']);
  });
});

describe('storage of a browser whose files an ended worker still holds', () => {
  it('waits until they may be removed, and stays with the better storage', async () => {
    const { time, opens, ladder } = stage(5);
    const opening = ladder.open(false);
    await time.advanceAsync(1400);
    expect((await opening).ok).toBe(true);
    expect(opens).toEqual(['a', 'a']);
    expect(ladder.choice()).toEqual({ mode: 'opfs', refused: [] });
  });

  it('makes the second one without the template, for the first may have failed by it', async () => {
    const { time, plain, ladder } = stage(0);
    const opening = ladder.open(false);
    await time.advanceAsync(100);
    expect((await opening).ok).toBe(true);
    expect(plain).toEqual([false, true]);
    const rebuilding = ladder.open(true);
    await time.advanceAsync(100);
    expect((await rebuilding).ok).toBe(true);
    expect(plain).toEqual([false, true, false]);
  });

  it('takes the other files of the same storage where they are held on', async () => {
    const { time, opens, ladder } = stage(20);
    const opening = ladder.open(false);
    await time.advanceAsync(6000);
    expect((await opening).ok).toBe(true);
    expect(opens).toEqual(['a', 'b']);
    expect(ladder.choice()).toEqual({ mode: 'opfs', refused: [] });
  });
});
