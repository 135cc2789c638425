import { describe, expect, it } from 'vitest';
import { attachForwarder, createParts, stream } from '../support/relay-parts.ts';

describe('registry', () => {
  it('[RT-14] edits of one stream at the same time do not overwrite each other', async () => {
    const parts = await createParts();
    await attachForwarder(parts, 'f1', ['finish']);
    const streamId = stream('f1.finish');
    const next = () =>
      parts.registry.editStream(streamId, (row) => ({
        ...row,
        currentEpoch: row.currentEpoch + 1,
        commandedEpoch: row.currentEpoch + 1,
      }));
    await Promise.all(Array.from({ length: 10 }, next));
    expect(parts.registry.stream(streamId)).toMatchObject({ currentEpoch: 11, commandedEpoch: 11 });
    const kept = (await parts.store.load()).streams;
    expect(kept).toMatchObject([{ currentEpoch: 11, commandedEpoch: 11 }]);
  });

  it('[RT-14] a command is not brought back once a read of its epoch has come', async () => {
    const parts = await createParts();
    const { push } = await attachForwarder(parts, 'f1', ['finish']);
    const streamId = stream('f1.finish');
    const stale = parts.registry.stream(streamId);
    if (stale === undefined) throw new Error('no stream');
    await push('finish', 2, 1, 1);
    await parts.registry.change([{ type: 'putStream', stream: { ...stale, commandedEpoch: 2 } }]);
    expect(parts.registry.stream(streamId)).toMatchObject({ currentEpoch: 2, commandedEpoch: null, accepted: 1 });
    expect((await parts.store.load()).streams).toMatchObject([{ currentEpoch: 2, commandedEpoch: null }]);
  });
});
