import { receiverDocName } from '@baton/schema/doc';
import { NodeId } from '@baton/schema/ids';
import { CLOSE } from '@baton/schema/protocol';
import { describe, expect, it } from 'vitest';
import { settle } from './doc-client.ts';
import { createRooms, EVENT, grantOf } from './rooms-fixture.ts';

const TENT = NodeId.parse('tent');
const DOC = receiverDocName(EVENT, TENT);

type Rooms = Awaited<ReturnType<typeof createRooms>>;

const attach = ({ attachments }: Rooms, clientVersion: string) =>
  attachments.attach({
    nodeId: TENT,
    eventId: EVENT,
    role: 'receiver',
    label: null,
    clientVersion,
    capabilities: {},
    health: 'online',
    declares: true,
  });

const raiseFloor = async ({ registry }: Rooms, minClientVersion: string): Promise<void> => {
  const event = registry.event(EVENT);
  if (event === undefined) throw new Error('no event');
  await registry.change([{ type: 'putEvent', event: { ...event, minClientVersion } }]);
};

describe('a node at its document', () => {
  it('[RN-04] [RN-06] below the floor its changes are dropped and it is told; it goes on reading', async () => {
    const rooms = await createRooms();
    await attach(rooms, '1.0');
    const tent = await rooms.joinSynced(DOC, grantOf('receiver', 'tent'));
    const operator = await rooms.joinSynced(DOC, grantOf('operator'));
    tent.doc.getMap('m').set('before', 1);
    await settle();
    await raiseFloor(rooms, '1.1');
    tent.doc.getMap('m').set('below', 1);
    operator.doc.getMap('m').set('theirs', 1);
    await settle();
    expect(operator.doc.getMap('m').toJSON()).toEqual({ before: 1, theirs: 1 });
    expect(tent.doc.getMap('m').get('theirs')).toBe(1);
    expect(tent.denied).toHaveLength(1);
    expect(tent.denied[0]).toContain('1.1');
    expect(rooms.refusals).toContain('VERSION_FLOOR_EXCEEDED');
    expect(tent.closed()).toBeNull();
  });

  it('[RN-02] at the floor it writes, by the version it attached with, also after it left', async () => {
    const rooms = await createRooms();
    await raiseFloor(rooms, '1.1');
    await attach(rooms, '1.1');
    await rooms.attachments.detach({ nodeId: TENT, eventId: EVENT });
    const tent = await rooms.joinSynced(DOC, grantOf('receiver', 'tent'));
    const operator = await rooms.joinSynced(DOC, grantOf('operator'));
    tent.doc.getMap('m').set('mine', 1);
    await settle();
    expect(operator.doc.getMap('m').toJSON()).toEqual({ mine: 1 });
    expect(tent.denied).toEqual([]);
  });

  it('[RN-06] that never told its version counts as the lowest', async () => {
    const rooms = await createRooms();
    await raiseFloor(rooms, '0.1');
    const tent = await rooms.joinSynced(DOC, grantOf('receiver', 'tent'));
    tent.doc.getMap('m').set('mine', 1);
    await settle();
    expect(tent.denied).toHaveLength(1);
  });

  it('[RN-22] that was revoked is let into none', async () => {
    const rooms = await createRooms();
    await rooms.attachments.revoke({ nodeId: TENT, eventId: EVENT }, 'receiver');
    const tent = rooms.join(DOC, grantOf('receiver', 'tent'));
    await settle();
    expect(tent.closed()?.code).toBe(CLOSE.forbidden);
    expect(rooms.refusals).toContain('NODE_REVOKED');
  });
});
