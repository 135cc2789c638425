import { CLOSE } from '@baton/schema/protocol';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { allowanceAt, fullAllowance, spend } from '../../../src/docs/gate/allowance.ts';
import { checkStateVector } from '../../../src/docs/gate/state-vector.ts';
import { createDocClient, settle, syncFrame } from '../doc-client.ts';
import { createRooms, grantOf, SETUP } from '../rooms-fixture.ts';
import { bytesOf, entry, updateOf } from './crafted.ts';

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

  it('[P19] ends a connection that makes Yjs walk over one key’s history again and again; others go on', async () => {
    const { joinSynced, join, time } = await createRooms();
    const innocent = await joinSynced(SETUP, grantOf('operator'));
    let client = 1;
    let sent = 0;
    let attacker = createDocClient();
    join(SETUP, grantOf('operator'), { client: attacker });
    while (attacker.closed() === null && sent < 100) {
      const blocks = Array.from({ length: 400 }, () => ({ client: client++, structs: [entry('m', 'k')] }));
      attacker.say(syncFrame(2, updateOf(blocks)));
      sent++;
      await settle();
    }
    expect(attacker.closed()?.code).toBe(CLOSE.badFrame);
    expect(sent).toBeGreaterThan(3);
    expect(innocent.closed()).toBeNull();
    // it comes back at once: no more than before; and after a while, it may again
    const again = (): Uint8Array => updateOf([{ client: client++, structs: [entry('m', 'k')] }]);
    attacker = createDocClient();
    join(SETUP, grantOf('operator'), { client: attacker });
    for (let n = 0; n < 1000 && attacker.closed() === null; n++) attacker.say(syncFrame(2, again()));
    await settle();
    expect(attacker.closed()?.code).toBe(CLOSE.badFrame);
    await time.advanceAsync(60_000);
    attacker = createDocClient();
    join(SETUP, grantOf('operator'), { client: attacker });
    attacker.say(syncFrame(2, again()));
    await settle();
    expect(attacker.closed()).toBeNull();
  }, 60_000);
});

describe('a state vector', () => {
  it('of any document is sound', () => {
    const doc = new Y.Doc();
    expect(checkStateVector(Y.encodeStateVector(doc))).toBeNull();
    for (let n = 0; n < 500; n++) {
      const page = new Y.Doc();
      page.getMap('m').set(`k${n}`, n);
      Y.applyUpdate(doc, Y.encodeStateAsUpdate(page));
    }
    expect(checkStateVector(Y.encodeStateVector(doc))).toBeNull();
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
    expect(checkStateVector(bytes)).toMatch(/./);
  });
});
