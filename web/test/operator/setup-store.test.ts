import type { DocLink } from '@baton/client-core';
import { mapEpoch, patchRace, putRace, readHistory } from '@baton/schema/doc';
import { RaceId, StreamId } from '@baton/schema/ids';
import { pairKey } from '@baton/schema/reads';
import { signal } from '@preact/signals';
import { expect, it } from 'vitest';
import * as Y from 'yjs';
import { createEditedDoc } from '../../src/operator/edited-doc.ts';
import { createSetupStore } from '../../src/operator/setup-store.ts';

const ten = RaceId.parse('ten');
const pair = { streamId: StreamId.parse('mat-1.start'), epoch: 2 };

const open = () => {
  const doc = new Y.Doc({ gc: false });
  let closed = 0;
  const followed = {
    doc,
    link: signal<DocLink>({ type: 'synced' }),
    loaded: signal(true),
    close: () => closed++,
  };
  const store = createSetupStore(createEditedDoc(followed, 'setup', () => ({ name: 'Ada', at: 1 })));
  return { doc, store, closed: () => closed };
};

it('[RT-29] shows one’s own edit at once, and another operator’s when it comes, merged', () => {
  const { doc, store } = open();
  const other = open();
  store.edit((it) => putRace(it, { raceId: ten, name: '10 km' }));
  expect(store.setup.value.races.get(ten)?.name).toBe('10 km');
  Y.applyUpdate(other.doc, Y.encodeStateAsUpdate(doc));
  other.store.edit((it) => mapEpoch(it, pair, ten));
  store.edit((it) => patchRace(it, ten, { name: '10 km run' }));
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(other.doc));
  Y.applyUpdate(other.doc, Y.encodeStateAsUpdate(doc));
  for (const { setup } of [store, other.store]) {
    expect(setup.value.races.get(ten)?.name).toBe('10 km run');
    expect(setup.value.epochRaces.get(pairKey(pair.streamId, pair.epoch))).toBe(ten);
  }
});

it('leaves out what does not parse, and names it', () => {
  const { doc, store } = open();
  doc.getMap('races').set('broken', 'not a race');
  store.edit((it) => putRace(it, { raceId: ten, name: '10 km' }));
  expect([...store.setup.value.races.keys()]).toEqual([ten]);
  expect(store.problems.value).toMatchObject([{ root: 'races', key: 'broken' }]);
});

it('signs each edit', () => {
  const { doc, store } = open();
  store.edit((it) => putRace(it, { raceId: ten, name: '10 km' }));
  expect(readHistory(doc, 'setup').map((edit) => edit.author)).toEqual([{ name: 'Ada', at: 1 }]);
});

it('stops reading once closed', () => {
  const { doc, store, closed } = open();
  store.close();
  putRace(doc, { raceId: ten, name: '10 km' });
  expect(store.setup.value.races.size).toBe(0);
  expect(closed()).toBe(1);
});
