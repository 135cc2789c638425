import { CLOSE } from '@baton/schema/protocol';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { allowanceAt, createAllowances, fullAllowance, spend } from '../../../src/docs/gate/allowance.ts';
import { readStateVector } from '../../../src/docs/gate/state-vector.ts';
import { type DocClient, syncFrame, until } from '../doc-client.ts';
import { createRooms, grantOf, SETUP } from '../rooms-fixture.ts';
import { bytesOf, entry, quarrel, updateOf } from './crafted.ts';

describe('what one may cause', () => {
  it('is spent, and grows again with time, never beyond the full', () => {
    const full = fullAllowance(1000);
    const less = spend(full, 1_000_000);
    expect(less.steps).toBe(full.steps - 1_000_000);
    expect(allowanceAt(less, 11_000).steps).toBe(full.steps - 500_000);
    expect(allowanceAt(less, 10_000_000).steps).toBe(full.steps);
    // a clock that goes back gives nothing, and takes nothing
    expect(allowanceAt(less, 0).steps).toBe(less.steps);
  });

  it('is of each token by itself', () => {
    const { take } = createAllowances({ mono: () => 0 });
    expect(take('a', 7_999_999)).toBe(true);
    expect(take('a', 2)).toBe(false);
    expect(take('a', 1)).toBe(true);
    expect(take('b', 2)).toBe(true);
    expect(take(null, 8_000_001)).toBe(false);
  });

  it('[P19] ends a connection that makes Yjs walk over one key’s history again and again, also when it comes back', async () => {
    const { join, time } = await createRooms();
    let client = 10;
    const anew = (count: number): Uint8Array =>
      updateOf(Array.from({ length: count }, () => ({ client: client++, structs: [entry('m', 'k')] })));
    const come = (...updates: readonly Uint8Array[]): DocClient => {
      const comer = join(SETUP, grantOf('operator'), { confirmsSaves: true });
      for (const update of updates) comer.say(syncFrame(1, update));
      return comer;
    };
    const attacker = come(quarrel(16_000), ...Array.from({ length: 5 }, () => anew(100)));
    await until(() => attacker.closed() !== null);
    expect(attacker.closed()?.code).toBe(CLOSE.badFrame);
    const back = come(anew(100));
    await until(() => back.closed() !== null);
    expect(back.closed()?.code).toBe(CLOSE.badFrame);
    await time.advanceAsync(60_000);
    const later = come(anew(20));
    await until(() => (later.saved.at(-1)?.messages ?? 0) > 1);
    expect(later.closed()).toBeNull();
  }, 180_000);
});

describe('a state vector', () => {
  it('of any document is sound', () => {
    const doc = new Y.Doc();
    expect(readStateVector(Y.encodeStateVector(doc))).toMatchObject({ ok: true });
    for (let n = 0; n < 500; n++) {
      const page = new Y.Doc();
      page.getMap('m').set(`k${n}`, n);
      Y.applyUpdate(doc, Y.encodeStateAsUpdate(page));
    }
    expect(readStateVector(Y.encodeStateVector(doc))).toMatchObject({ ok: true });
  });

  it.each([
    ['nothing at all', new Uint8Array()],
    ['30 million declared clients', bytesOf(30_000_000, 1, 1)],
    ['more clients than bytes', bytesOf(100, 1, 1)],
    ['a client id over 32 bits', bytesOf(1, 2 ** 32, 1)],
    ['a clock over 31 bits', bytesOf(1, 1, 2 ** 31)],
    ['bytes behind its end', bytesOf(1, 1, 1, 1)],
    ['a number longer than it need be', Uint8Array.of(1, 0x81, 0, 1)],
  ])('[P16] with %s is refused', (_, bytes) => {
    expect(readStateVector(bytes)).toMatchObject({ ok: false, error: expect.stringMatching(/./) });
  });
});
