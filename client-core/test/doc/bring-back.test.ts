import { expect, it } from 'vitest';
import * as Y from 'yjs';
import { bringBack, lackedBy } from '../../src/doc/bring-back.ts';

const docWith = (entries: Readonly<Record<string, string>>): Y.Doc => {
  const doc = new Y.Doc();
  for (const [key, value] of Object.entries(entries)) doc.getMap('races').set(key, value);
  return doc;
};

it('[P12] a kept copy brings back what a document lacks, as one change, and leaves what is there', () => {
  const before = docWith({ a: 'Night run', b: 'Fun run' });
  const copy = [Y.encodeStateAsUpdate(before)];
  const anew = docWith({ c: 'Added since' });
  expect(lackedBy(anew, copy)).toBe(2);
  const changes: Uint8Array[] = [];
  anew.on('update', (update: Uint8Array) => changes.push(update));
  bringBack(anew, copy);
  expect(anew.getMap('races').toJSON()).toEqual({ a: 'Night run', b: 'Fun run', c: 'Added since' });
  expect(changes).toHaveLength(1);
  expect(lackedBy(anew, copy)).toBe(0);
  bringBack(anew, copy);
  expect(changes).toHaveLength(1);
});

it('a copy in several pieces that overlap is counted once, and one of what is there lacks nothing', () => {
  const doc = docWith({ a: 'Night run' });
  const early = Y.encodeStateAsUpdate(doc);
  doc.getMap('races').set('b', 'Fun run');
  const late = Y.encodeStateAsUpdate(doc);
  expect(lackedBy(new Y.Doc(), [early, late, early])).toBe(2);
  expect(lackedBy(doc, [early, late])).toBe(0);
  expect(lackedBy(doc, [])).toBe(0);
});
