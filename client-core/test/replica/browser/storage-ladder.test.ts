import { silentLog } from '@baton/schema/ports';
import { createVirtualTime } from '@baton/testkit';
import { describe, expect, it } from 'vitest';
import { createStorageLadder } from '../../../src/replica/browser/storage-ladder.ts';
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
