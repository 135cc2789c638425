import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { pack } from '../../../src/storage/sqlite/packed-updates.ts';
import { createWorkerCaller } from '../../../src/storage/sqlite/worker-caller.ts';
import { StoreFailedError } from '../../../src/storage/store-error.ts';

/** A thread that does `onCalls` with the first message, in place of the store. */
const threadThat = (onCalls: string): Worker =>
  new Worker(
    `const { parentPort } = require('node:worker_threads');
     parentPort.on('message', (calls) => { ${onCalls} });`,
    { eval: true, execArgv: [] },
  );

const DOC = { type: 'appendDoc', name: 'd', updates: pack(Uint8Array.of(1)) } as const;

const failures = () => {
  const messages: string[] = [];
  return { messages, note: (message: string) => messages.push(message) };
};

describe('calls to the store’s thread', () => {
  it('go out joined, once a turn of the event loop', async () => {
    const worker = threadThat(`
      parentPort.postMessage({ type: 'answers', answers: calls.map(({ id }) => ({ id, type: 'answer', value: calls.length })), syncs: [calls.length] });
      if (calls.some(({ call }) => call.type === 'close')) parentPort.close();`);
    const syncs: number[] = [];
    const caller = createWorkerCaller(
      worker,
      () => {},
      (ms) => syncs.push(ms),
    );
    expect(await Promise.all(Array.from({ length: 50 }, () => caller.read({ type: 'sizeBytes' })))).toEqual(
      Array.from({ length: 50 }, () => 50),
    );
    expect(await caller.read({ type: 'sizeBytes' })).toBe(1);
    expect(syncs, 'how long commits took comes with the answers').toEqual([50, 1]);
    await caller.close();
  });

  it('[P23] a crashed thread fails what waits and what comes, and tells once', async () => {
    const { messages, note } = failures();
    const caller = createWorkerCaller(threadThat(`throw new Error('out of its mind')`), note);
    const reads = caller.read({ type: 'load' }).catch((error: unknown) => error);
    expect(await Promise.all([caller.write(DOC), caller.write(DOC)])).toEqual([
      { type: 'failed', message: 'the store’s thread crashed: out of its mind' },
      { type: 'failed', message: 'the store’s thread crashed: out of its mind' },
    ]);
    expect(await reads).toBeInstanceOf(StoreFailedError);
    expect(await caller.write(DOC)).toMatchObject({ type: 'failed' });
    await caller.close();
    expect(messages).toEqual(['the store’s thread crashed: out of its mind']);
  });

  it('[P23] a thread that just ends is a failure, too', async () => {
    const { messages, note } = failures();
    const caller = createWorkerCaller(threadThat('process.exit(3)'), note);
    expect(await caller.write(DOC)).toMatchObject({ type: 'failed' });
    await caller.close();
    expect(messages).toEqual(['the store’s thread ended by itself, code 3']);
  });

  it('[P23] a failed disk fails what waits behind it', async () => {
    const { messages, note } = failures();
    const caller = createWorkerCaller(
      threadThat(`parentPort.postMessage({ type: 'failed', message: 'the disk is gone' })`),
      note,
    );
    expect(await caller.write(DOC)).toEqual({ type: 'failed', message: 'the disk is gone' });
    await caller.close();
    expect(messages).toEqual(['the disk is gone']);
  });

  it('a thread that ends while closing is no failure, whatever it answered', async () => {
    const { messages, note } = failures();
    const caller = createWorkerCaller(threadThat('process.exit(0)'), note);
    await Promise.all([caller.close(), caller.close()]);
    expect(await caller.write(DOC)).toEqual({ type: 'failed', message: 'the store is closed' });
    expect(messages).toEqual([]);
  });
});
