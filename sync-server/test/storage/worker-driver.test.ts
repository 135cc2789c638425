import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  append,
  commit,
  EVENT_A,
  EVENT_B,
  eventRecord,
  fill,
  linesAfter,
  OTHER_STREAM,
  PAIR,
  putStream,
  rawsOf,
  withStreams,
} from '@baton/testkit/store-fixtures';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CHUNK_SIZE } from '../../src/storage/chunk.ts';
import type { Store } from '../../src/storage/store.ts';
import { StoreOpenError } from '../../src/storage/store-error.ts';
import { openWorkerStore } from '../../src/storage/worker-store.ts';
import { temporaryDirectory } from './data-directory.ts';

const ALL = { maxReads: 1_000_000, maxBytes: 1_000_000_000 };

let directory = temporaryDirectory();
let opened: Store[] = [];
beforeEach(() => {
  directory = temporaryDirectory();
  opened = [];
});
afterEach(async () => {
  for (const store of opened) await store.close();
  directory.remove();
});

const open = async (options: { readonly maxBytes?: number; readonly dataDir?: string } = {}): Promise<Store> => {
  const store = await openWorkerStore({
    dataDir: directory.path,
    lockWaitMs: 0,
    onFailure: (message) => {
      throw new Error(message);
    },
    ...options,
  });
  opened.push(store);
  return store;
};

const rowsOf = async (store: Store): Promise<readonly string[]> =>
  (await store.readBatches({ ...PAIR, afterSeq: 0, ...ALL })).map((row) => `${row.firstSeq}+${row.count}`);

describe('the store in its thread', () => {
  it('says in one line why it cannot be opened', async () => {
    await open();
    const inUse = await open().catch((error: unknown) => error);
    expect(inUse).toBeInstanceOf(StoreOpenError);
    expect(inUse).toMatchObject({
      reason: 'in-use',
      message: expect.stringMatching(/^data directory .* in use .*--data-dir$/),
    });
    const file = join(directory.path, 'file');
    writeFileSync(file, '');
    const unwritable = await open({ dataDir: file }).catch((error: unknown) => error);
    expect(unwritable).toMatchObject({ reason: 'unwritable', message: expect.stringContaining(file) });
  });

  it('[P4] compacts by itself while readers read, and changes no line', async () => {
    const store = await open();
    await withStreams(store);
    const head = 3 * CHUNK_SIZE + 10;
    await fill(store, PAIR, head, 45);
    const lines = rawsOf(1, head);
    await vi.waitFor(
      async () => {
        for (const after of [0, 1000, 1024, 2050])
          expect(await linesAfter(store, PAIR, after)).toEqual(lines.slice(after));
        expect(await rowsOf(store)).toEqual(['1+1024', '1025+1024', '2049+1024', '3073+10']);
      },
      { timeout: 10_000, interval: 1 },
    );
    for (let after = 0; after < head; after += 41)
      expect(await linesAfter(store, PAIR, after)).toEqual(lines.slice(after));
  });

  it('[P22] without space nothing is acked, reads are served, and it goes on without a restart', async () => {
    const store = await open({ maxBytes: 400_000 });
    await withStreams(store);
    await commit(
      store,
      { type: 'putEvent', event: eventRecord(EVENT_B) },
      putStream(OTHER_STREAM, { eventId: EVENT_B }),
    );
    const filler = new Uint8Array(50_000);
    let full = await store.appendDoc(`events/${EVENT_B}/setup`, filler);
    while (full.type === 'committed') full = await store.appendDoc(`events/${EVENT_B}/setup`, filler);
    expect(full).toMatchObject({ type: 'storage-full', message: expect.stringContaining('free some space') });

    let head = 0;
    let reply = await append(store, PAIR, 1, 1000);
    for (; reply.type === 'accepted'; reply = await append(store, PAIR, head + 1, 1000)) head = reply.state.head;
    expect(reply.type).toBe('storage-full');
    expect(await append(store, PAIR, head + 1, 1000)).toMatchObject({ type: 'storage-full' });
    expect(await linesAfter(store, PAIR, 0)).toEqual(rawsOf(1, head));

    await commit(store, { type: 'deleteEvent', eventId: EVENT_B });
    expect(await append(store, PAIR, head + 1, 1000)).toMatchObject({ type: 'accepted' });
    expect(await store.load()).toMatchObject({ events: [{ eventId: EVENT_A }] });
    await store.close();
    expect(await linesAfter(await open(), PAIR, 0)).toEqual(rawsOf(1, head + 1000));
  });
});
