import { CLOSE } from '@baton/schema/protocol';
import * as encoding from 'lib0/encoding';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { settle, syncFrame } from '../doc-client.ts';
import { createRooms, grantOf, SETUP } from '../rooms-fixture.ts';
import {
  after,
  alone,
  between,
  bytesOf,
  collected,
  entry,
  entryIn,
  item,
  mapEntry,
  mapEntryIn,
  NULL,
  run,
  skipped,
  stateOf,
  take,
  updateOf,
  withInfo,
} from './crafted.ts';

const any = (value: unknown): Uint8Array => {
  const encoder = encoding.createEncoder();
  encoding.writeAny(encoder, value as Parameters<typeof encoding.writeAny>[1]);
  return encoding.toUint8Array(encoder);
};

const nested = (depth: number): Uint8Array =>
  bytesOf(...Array.from({ length: depth }, () => Uint8Array.of(117, 1)), NULL);

const object = (key: string): Uint8Array => bytesOf(Uint8Array.of(118), 1, key, NULL);

const numbers = (count: number, first = 1): readonly number[] => Array.from({ length: count }, (_, at) => first + at);

const clients = (count: number, struct: (client: number) => Uint8Array, clock = 0): Uint8Array =>
  updateOf(numbers(count).map((client) => ({ client, clock, structs: [struct(client)] })));

/** A map in a map in a map … */
const mapsInside = (depth: number): Uint8Array =>
  alone(mapEntry('m', 'k'), ...numbers(depth - 1, 0).map((clock) => mapEntryIn(1, clock, 'k')));

const fromYjs = (change: (doc: Y.Doc) => void, encode = Y.encodeStateAsUpdate): Uint8Array => {
  const doc = new Y.Doc();
  change(doc);
  return encode(doc);
};

const overlong = Uint8Array.of(1, 1, 1, 0x80, 0, 0x28, 1, 1, 109, 1, 107, 1, 126, 0);
const invalidText = Uint8Array.of(119, 2, 0xc3, 0x28);
const invalidKey = bytesOf(Uint8Array.of(0x28), 1, 'm', Uint8Array.of(2, 0xff, 0xfe), 1, NULL);

/** Name, update, and what the refusal must speak of. */
const CASES: readonly (readonly [name: string, update: Uint8Array, message: RegExp])[] = [
  ['an update without bytes', new Uint8Array(), /too early/],
  ['an update that ends within a struct', alone(entry('m', 'k')).subarray(0, 8), /too early|more changes/],
  ['bytes after the update', bytesOf(alone(entry('m', 'k')), 0), /bytes after/],
  ['V2 encoding', fromYjs((doc) => doc.getMap('m').set('k', 1), Y.encodeStateAsUpdateV2), /./],
  ['a number longer than it need be', overlong, /longer than it need be/],
  ['a number of ten bytes', bytesOf(new Uint8Array(9).fill(0xff), 1), /five bytes/],
  ['a client id over 32 bits', updateOf([{ client: 2 ** 32, structs: [entry('m', 'k')] }]), /client id/],
  ['a clock over 31 bits', updateOf([{ client: 1, clock: 2 ** 31, structs: [entry('m', 'k')] }]), /clock/],
  ['a length that leads over the last clock', alone(collected(2 ** 31 - 1), collected(1)), /clock is at most/],
  [
    'a range that leads over the last clock',
    updateOf([], [{ client: 1, ranges: [[2 ** 30, 2 ** 31 - 1]] }]),
    /clock is/,
  ],
  ['30 million declared structs', bytesOf(1, 30_000_000, 1, 0, 0), /at most|more changes/],
  ['100,000 declared structs in ten bytes', bytesOf(1, 100_000, 1, 0, 0, 1, 0), /more changes/],
  ['8,000 declared clients in ten bytes', bytesOf(8000, 1, 1, 0, 0, 1, 0), /more clients/],
  ['100,000 declared deletions in ten bytes', bytesOf(0, 1, 1, 100_000, 0, 1), /more deleted ranges/],
  ['a struct without length', alone(collected(0)), /no length/],
  ['a deleted range without length', updateOf([], [{ client: 1, ranges: [[0, 0]] }]), /no length/],
  ['a client twice', updateOf([1, 1].map((client) => ({ client, structs: [entry('m', 'k')] }))), /one place/],
  [
    'deletions of a client twice',
    updateOf(
      [],
      [1, 1].map((client) => ({ client, ranges: [[0, 1]] })),
    ),
    /one place/,
  ],
  [
    'deleted ranges that overlap',
    updateOf(
      [],
      [
        {
          client: 1,
          ranges: [
            [0, 5],
            [4, 5],
          ],
        },
      ],
    ),
    /do not overlap/,
  ],
  [
    'deleted ranges out of order',
    updateOf(
      [],
      [
        {
          client: 1,
          ranges: [
            [9, 1],
            [0, 1],
          ],
        },
      ],
    ),
    /in order/,
  ],
  ['a struct that hangs on its own future', alone(after(1, 5)), /later change/],
  ['a struct that hangs on itself', alone(entryIn(1, 0, 'k')), /later change/],
  ['content of an unknown kind', alone(withInfo(0x2b, 1, 'm', 'k', 1)), /unknown kind 11/],
  ['content of JSON', alone(withInfo(0x22, 1, 'm', 'k', 1, 'null')), /JSON/],
  ['formatted text', fromYjs((doc) => doc.getText('t').insert(0, 'a', { bold: true })), /formatted text/],
  ['something embedded in a text', fromYjs((doc) => doc.getText('t').insertEmbed(0, { a: 1 })), /embedded/],
  ['text under a key', alone(withInfo(0x24, 1, 'm', 'k', 'hello')), /no characters/],
  ['text behind a value of a key', alone(entry('m', 'k'), withInfo(0x84, 1, 0, 'hello')), /no characters/],
  ['text without characters', alone(withInfo(4, 1, 't', '')), /no length/],
  ['text that is no UTF-8', alone(withInfo(4, 1, 't', 2, Uint8Array.of(0xc3, 0x28))), /UTF-8/],
  ['text of more bytes than there are', alone(withInfo(4, 1, 't', 1000, Uint8Array.of(97))), /too early/],
  ['an XML element in a root', fromYjs((doc) => doc.getXmlFragment('x').push([new Y.XmlElement('p')])), /no XML/],
  ['an XML element as a value', fromYjs((doc) => doc.getMap('m').set('k', new Y.XmlElement('p'))), /no XML/],
  ['an XML text in a list', fromYjs((doc) => doc.getArray('a').push([new Y.XmlText('p')])), /no XML/],
  ['a document in a list', fromYjs((doc) => doc.getArray('a').push([new Y.Doc()])), /document inside/],
  ['an item before its own future', alone(item('a'), withInfo(0x48, 1, 5, 1, NULL)), /later change/],
  ['an item before itself', alone(item('a'), withInfo(0x48, 1, 1, 1, NULL)), /later change/],
  ['an entry before an item', alone(entry('m', 'k'), item('m'), between([1, 0], [1, 1])), /to its right/],
  ['an entry with only something to its right', alone(entry('m', 'k'), between(null, [1, 0])), /to its right/],
  ['an item before an entry', alone(entry('m', 'k'), item('m'), between([1, 1], [1, 0])), /different lists/],
  ['an item between two lists', alone(item('a'), item('b'), between([1, 0], [1, 1])), /different lists/],
  ['a document in the document', fromYjs((doc) => doc.getMap('m').set('k', new Y.Doc())), /document inside/],
  [
    'an entry with something to its right',
    alone(entry('m', 'k'), withInfo(0xc8, 1, 0, 1, 0, 1, NULL)),
    /nothing to its right/,
  ],
  ['a collected struct with a parent', alone(withInfo(0x20, 1, 'm', 'k', 1)), /collected/],
  ['a value of unknown type', alone(entry('m', 'k', Uint8Array.of(1))), /unknown type/],
  ['a BigInt', alone(entry('m', 'k', any(1n))), /BigInt/],
  ['arrays nested 33 deep', alone(entry('m', 'k', nested(33))), /inside each other/],
  ['arrays nested 6,000 deep', alone(entry('m', 'k', nested(6000))), /inside each other/],
  [
    'an array that declares more than there is',
    alone(entry('m', 'k', Uint8Array.of(117, 120, 126))),
    /length of an array|early/,
  ],
  ['a text that is no UTF-8', alone(entry('m', 'k', invalidText)), /UTF-8/],
  ['a key that is no UTF-8', alone(invalidKey), /UTF-8/],
  ['the key __proto__ of a map', alone(entry('m', '__proto__')), /__proto__/],
  ['the key __proto__ within a value', alone(entry('m', 'k', object('__proto__'))), /__proto__/],
  ['the key constructor within a value', alone(entry('m', 'k', object('constructor'))), /constructor/],
  ['the root __proto__', alone(entry('__proto__', 'k')), /__proto__/],
  ['a root of 65 characters', alone(entry('r'.repeat(65), 'k')), /root/],
  ['a key of 3,000 characters', alone(entry('m', 'k'.repeat(3000))), /key/],
  ['a value of 200 KB', alone(entry('m', 'k', any('x'.repeat(200_000)))), /at most/],
  [
    'a value of 200,000 nulls',
    alone(entry('m', 'k', bytesOf(Uint8Array.of(117), 200_000, new Uint8Array(200_000).fill(126)))),
    /at most/,
  ],
  ['65 new roots', alone(...numbers(65).map((n) => entry(`root ${n}`, 'k'))), /roots/],
  ['maps 17 deep', mapsInside(17), /inside each other/],
  [
    '9,000 keys of a map in a map',
    alone(mapEntry('m', 'k'), ...numbers(9000).map((n) => entryIn(1, 0, `k${n}`))),
    /keys/,
  ],
  ['9,000 clients', clients(9000, (client) => entry('m', `k${client}`)), /clients/],
  ['1,000 clients that each lack a predecessor', clients(1000, () => collected(1), 1000), /earlier changes/],
  ['4,000 clients at once on one key', clients(4000, () => entry('m', 'k')), /too many changes/],
  ['300,000 structs', bytesOf(1, 300_000, 1, 0, new Uint8Array(600_000).fill(1)), /changes/],
  ['skips without length', alone(skipped(0)), /no length/],
  ['a run that declares more values than there are bytes', alone(run('m', 'k', []), NULL), /no length|values/],
];

describe('the gate refuses', () => {
  it.each(CASES)('[P16] %s: nothing is changed by it', (_, update, message) => {
    for (const kind of ['update', 'answer'] as const) {
      const doc = new Y.Doc({ gc: false });
      doc.getMap('m').set('mine', 1);
      const before = stateOf(doc);
      const { outcome } = take(doc, update, kind);
      expect(outcome).toMatchObject({ type: 'refused', message: expect.stringMatching(message) });
      expect(stateOf(doc)).toEqual(before);
    }
  });

  it.each(CASES)('[P15] [P16] [P19] %s: its connection ends (4400), nobody else notices', async (_, update) => {
    const { docs, joinSynced } = await createRooms();
    const innocent = await joinSynced(SETUP, grantOf('operator'));
    innocent.doc.getMap('m').set('mine', 1);
    await settle();
    const attacker = await joinSynced(SETUP, grantOf('operator'));
    const heard = innocent.frames.length;
    attacker.say(syncFrame(2, update));
    await settle();
    expect(attacker.closed()?.code).toBe(CLOSE.badFrame);
    expect(attacker.closed()?.reason.length).toBeLessThan(120);
    expect(innocent.closed()).toBeNull();
    expect(innocent.frames.length).toBe(heard);
    const held = await docs.hold(SETUP);
    expect(held.doc.getMap('m').toJSON()).toEqual({ mine: 1 });
    held.release();
  });
});

describe('the gate takes', () => {
  it('a key that only looks dangerous: a device may be called prototype', () => {
    const doc = new Y.Doc();
    expect(take(doc, alone(entry('m', 'prototype'))).outcome.type).toBe('applied');
    expect(doc.getMap('m').toJSON()).toEqual({ prototype: null });
  });

  it('[P26] a root of a later version', () => {
    const doc = new Y.Doc();
    expect(take(doc, alone(entry('of a later version', 'k'))).outcome.type).toBe('applied');
    expect(doc.getMap('of a later version').toJSON()).toEqual({ k: null });
  });

  it('the client ids a document may have, and not one more', () => {
    const doc = new Y.Doc();
    const limits = { docClients: 3 };
    const by = (client: number): Uint8Array => updateOf([{ client, structs: [entry('m', `k${client}`)] }]);
    for (const client of [1, 2, 3]) expect(take(doc, by(client), 'update', { limits }).outcome.type).toBe('applied');
    expect(take(doc, by(4), 'update', { limits }).outcome.type).toBe('refused');
    const known = updateOf([{ client: 1, clock: 1, structs: [entry('m', 'more')] }]);
    expect(take(doc, known, 'update', { limits }).outcome.type).toBe('applied');
  });
});
