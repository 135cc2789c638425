import { StreamId } from '@baton/schema/ids';
import { freshSeed, withSeed } from '@baton/testkit';
import { linesAfter, rawsOf } from '@baton/testkit/store-fixtures';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import type { Store } from '../../src/storage/store.ts';
import { openWorkerStore } from '../../src/storage/worker-store.ts';
import { expectSame } from '../support/expect-same.ts';
import { startAppending } from './child.ts';
import { temporaryDirectory } from './data-directory.ts';

const ROUNDS = 12;

let directory = temporaryDirectory();
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory.remove());

const open = (): Promise<Store> =>
  openWorkerStore({
    dataDir: directory.path,
    onFailure: (message) => {
      throw new Error(message);
    },
  });

/** Every stream has the same lines: made once, more when a longer one comes. */
const made: string[] = [];

const madeLines = (count: number): readonly string[] => {
  if (count > made.length) made.push(...rawsOf(made.length + 1, count - made.length));
  return made.slice(0, count);
};

/** The highest number acked of each stream, and of the document's updates under `crash`. */
const ackedIn = (lines: readonly string[]): ReadonlyMap<string, number> => {
  const acked = new Map<string, number>();
  for (const line of lines) {
    const [word, first, second] = line.split(' ');
    if (word === 'acked') acked.set(String(first), Number(second));
    if (word === 'merged') acked.set('merged', Number(first));
    if (word === 'saved') acked.set('crash', Number(first));
  }
  return acked;
};

const expectAllAcked = async (store: Store, acked: ReadonlyMap<string, number>): Promise<void> => {
  for (const [name, count] of acked) {
    if (name === 'crash') {
      const updates = (await store.loadDoc('crash')).map((update) => new TextDecoder().decode(update));
      expect(updates.length).toBeGreaterThanOrEqual(count);
      expect(updates).toEqual(updates.map((_, index) => `update ${index + 1}`));
      continue;
    }
    if (name === 'merged') {
      const doc = new Y.Doc();
      for (const update of await store.loadDoc('merged')) Y.applyUpdate(doc, update);
      expect(doc.getMap('counts').get('n')).toBeGreaterThanOrEqual(count);
      continue;
    }
    const lines = await linesAfter(store, { streamId: StreamId.parse(name), epoch: 1 }, 0);
    expect(lines.length).toBeGreaterThanOrEqual(count);
    expectSame(lines, madeLines(lines.length));
  }
};

describe('a process that ends badly', () => {
  it(
    `[P1] [P2] [P11] [RT-38] killed ${ROUNDS} times while it appends: nothing acked is missing or changed`,
    () =>
      withSeed(async (random) => {
        const acked = new Map<string, number>();
        for (let round = 1; round <= ROUNDS; round++) {
          const child = startAppending(directory.path, random.int(1, 1_000_000));
          await child.line(/^ready/);
          await child.said(/^(acked|saved)/, random.int(1, 400));
          child.kill();
          await child.exited;
          for (const [name, count] of ackedIn(child.lines)) acked.set(name, count);
          const store = await open();
          await expectAllAcked(store, acked);
          await store.close();
        }
        expect([...acked.keys()].sort()).toEqual(['crash', 'gate.a', 'gate.b', 'gate.c', 'merged']);
      }, freshSeed()),
    300_000,
  );

  it('[P23] [P1] after one failed write nothing is acked any more, and what was acked is there', async () => {
    const child = startAppending(directory.path, 7, 'ulimit -f 1500');
    expect(await child.line(/^failure/)).toMatch(/data directory .* failed \(SQLITE_IOERR.*check the disk/);
    expect(await child.exited).toBe(1);
    const failedAt = child.lines.findIndex((line) => line.startsWith('failure'));
    expect(child.lines.slice(failedAt).filter((line) => /^(acked|saved)/.test(line))).toEqual([]);
    expect(child.lines).toContain('after failed');
    const store = await open();
    await expectAllAcked(store, ackedIn(child.lines));
    await store.close();
  }, 120_000);

  it('one process has a data directory; another is refused, until the first is gone, however it went', async () => {
    const child = startAppending(directory.path, 3);
    await child.line(/^ready/);
    const refused = await startAppending(directory.path, 4).line(/./);
    expect(refused).toMatch(/^not-opened in-use data directory .* is in use by another Baton process: stop that one/);
    child.kill();
    await child.exited;
    const store = await open();
    await expectAllAcked(store, ackedIn(child.lines));
    await store.close();
  }, 120_000);
});
