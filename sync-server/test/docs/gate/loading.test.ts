import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { loadInTurns } from '../../../src/docs/doc-loading.ts';
import { createWorkTurns } from '../../../src/docs/gate/work-turns.ts';

/** Turns of little time, counted; the clock stands still. */
const fewTurns = () => {
  let count = 0;
  const turns = createWorkTurns(
    {
      timers: { mono: () => 0 },
      afterTurn: (run) => {
        count++;
        setImmediate(run);
      },
    },
    { turnMs: 1, turnCost: 20_000 },
  );
  return { turns, count: () => count };
};

const load = async (updates: readonly Uint8Array[]) => {
  const { turns, count } = fewTurns();
  const doc = new Y.Doc({ gc: false });
  await loadInTurns(doc, updates, turns);
  return { doc, turns: count() };
};

describe('loading a document', () => {
  it('[P16] [P21] takes as many turns as it is large, and gives what was stored', async () => {
    const source = new Y.Doc();
    const updates: Uint8Array[] = [];
    source.transact(() => {
      for (let n = 0; n < 3000; n++) source.getMap('m').set(`k${n}`, { n, name: `Muster ${n}` });
    });
    updates.push(Y.encodeStateAsUpdate(source));
    source.on('update', (update: Uint8Array) => updates.push(update));
    for (let n = 0; n < 50; n++) source.getMap('m').set(`k${n}`, 'again');
    source.getMap('m').delete('k7');
    const { doc, turns } = await load(updates);
    expect(doc.getMap('m').toJSON()).toEqual(source.getMap('m').toJSON());
    expect(Y.encodeStateVector(doc)).toEqual(Y.encodeStateVector(source));
    expect(turns).toBeGreaterThan(10);
  });

  it('loses nothing that an earlier version took and the gate would refuse', async () => {
    const source = new Y.Doc();
    source.getText('t').insert(0, 'x'.repeat(20_000), { bold: true });
    source.getMap('m').set('large', 'y'.repeat(300_000));
    const { doc } = await load([Y.encodeStateAsUpdate(source)]);
    expect(doc.getText('t').length).toBe(20_000);
    expect(doc.getMap('m').get('large')).toHaveLength(300_000);
  });

  it('rejects when what is stored cannot be read', async () => {
    await expect(load([Uint8Array.of(9, 9, 9, 9)])).rejects.toThrow();
  });
});
