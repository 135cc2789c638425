import { setupDocName } from '@baton/schema/doc';
import { CLOSE } from '@baton/schema/protocol';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { createDocClient, settle } from './doc-client.ts';
import { createRooms, EVENT, tokenOf, withToken } from './rooms-fixture.ts';

const SETUP = setupDocName(EVENT);
const DAY = 25 * 3_600_000;

describe('edits beyond the bytes of a day', () => {
  it('[P11] [P12] close the connection to come back later, are not saved, not lost, and delivered once they may', async () => {
    const rooms = await createRooms({ limits: { tokenBytesADay: 200 } });
    await rooms.registry.change([{ type: 'putToken', token: tokenOf('t1') }]);
    const doc = new Y.Doc();
    const client = await rooms.joinSynced(SETUP, withToken('t1'), { client: createDocClient(doc) });
    doc.getMap('notes').set('long', 'x'.repeat(300));
    await settle();
    doc.getMap('notes').set('more', 1);
    await settle();
    expect(client.closed()).toMatchObject({ code: CLOSE.tryLater });
    expect(client.closed()?.reason).toMatch(/^DAILY_LIMIT_REACHED: /);
    expect(rooms.refusals).toEqual(['DAILY_LIMIT_REACHED']);
    const held = await rooms.docs.hold(SETUP);
    expect(held.doc.getMap('notes').toJSON()).toEqual({ long: 'x'.repeat(300) });
    // somebody else goes on, and reads are served
    const other = await rooms.joinSynced(SETUP, withToken('t1'));
    expect(other.closed()).toBeNull();

    await rooms.time.advanceAsync(DAY);
    const again = await rooms.joinSynced(SETUP, withToken('t1'), { client: createDocClient(doc) });
    await settle();
    expect(again.closed()).toBeNull();
    expect(held.doc.getMap('notes').toJSON()).toEqual({ long: 'x'.repeat(300), more: 1 });
    held.release();
  });
});
