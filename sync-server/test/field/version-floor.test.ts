import { describe, expect, it } from 'vitest';
import { EVENT, grantOf } from '../support/relay-parts.ts';
import {
  attachF,
  attachV1,
  attachV11,
  createFieldParts,
  eventsOf,
  type FieldParts,
  manualSelection,
  OTHER_READER,
  READER,
  streamOf,
  upTo,
} from './support/field-parts.ts';

const raiseFloor = async ({ registry }: FieldParts, minClientVersion: string): Promise<void> => {
  const event = registry.event(EVENT);
  if (event === undefined) throw new Error('no event');
  await registry.change([{ type: 'putEvent', event: { ...event, minClientVersion } }]);
};

const nodeOf = ({ attachments }: FieldParts, nodeId: string) =>
  attachments.nodes(EVENT).find((it) => it.nodeId === nodeId);

const BELOW = { code: 'VERSION_FLOOR_EXCEEDED', retryable: false };

describe('systems in the field are nodes', () => {
  it('[RN-25] any hello attaches and declares; without a version it is 0.0', async () => {
    const parts = await createFieldParts();
    await attachF(parts);
    await attachV11(parts, manualSelection());
    expect(nodeOf(parts, 'f1')).toMatchObject({ state: 'online', role: 'forwarder', clientVersion: '0.0' });
    expect(nodeOf(parts, 'r1')).toMatchObject({ state: 'online', role: 'receiver', readOnly: false });
  });

  it('[RN-01] [RN-02] write as ever without a floor, and at or above one', async () => {
    const parts = await createFieldParts();
    expect(await (await attachF(parts)).push({ count: 2 })).toMatchObject({ kind: 'forwarder_ack' });
    await raiseFloor(parts, '1.9');
    const peer = parts.connectForwarder(grantOf('forwarder', 'f2'));
    peer.say({ kind: 'forwarder_hello', forwarder_id: 'f2', reader_ips: [READER], client_version: '1.10' });
    const { session_id } = await peer.next('heartbeat');
    peer.say({ kind: 'forwarder_event_batch', session_id, batch_id: 'b', events: eventsOf('f2') });
    await peer.next('forwarder_ack');
  });

  it('[RN-04] [RN-06] a forwarder below the floor is told at each batch; nothing is stored or acked, the socket stays', async () => {
    const parts = await createFieldParts();
    const f = await attachF(parts);
    await f.push({ count: 2 });
    await raiseFloor(parts, '1.0');
    for (const from of [3, 4]) {
      f.send(eventsOf('f1', { from }));
      expect(await f.peer.next('error')).toMatchObject(BELOW);
    }
    expect(f.peer.untaken('forwarder_ack')).toEqual([]);
    expect(parts.log.head({ streamId: streamOf('f1', READER), epoch: 1 })).toBe(2);
    expect(f.peer.closed()).toBeNull();
    expect(nodeOf(parts, 'f1')).toMatchObject({ state: 'online', readOnly: true });
  });

  it('[RN-03] [RN-04] a v1.1 receiver below the floor reads what its hello selects; acks and a new selection are refused', async () => {
    const parts = await createFieldParts();
    const f = await attachF(parts);
    await f.push({ count: 3 });
    await raiseFloor(parts, '0.1');
    const r = await attachV11(parts, manualSelection(['f1', READER]));
    await r.peer.until(() => r.seqs().length === 3);
    r.ack([{ seq: 3 }]);
    expect(await r.peer.next('error')).toMatchObject(BELOW);
    r.select(manualSelection());
    expect(await r.peer.next('error')).toMatchObject(BELOW);
    expect(parts.registry.cursors('r1' as never)).toEqual([]);
    await parts.log.append({
      streamId: streamOf('f1', READER),
      epoch: 1,
      firstSeq: 4,
      batch: (await import('../support/relay-parts.ts')).batch('e1', 4, 1),
    });
    await r.peer.until(() => r.seqs().length === 4);
    expect(r.seqs()).toEqual(upTo(4));
    expect(r.peer.closed()).toBeNull();
  });

  it('[RN-03] [RN-04] a v1 receiver below the floor reads its first streams; more of them are refused', async () => {
    const parts = await createFieldParts();
    const f = await attachF(parts, 'f1', [READER, OTHER_READER]);
    await f.push({ count: 3 });
    await raiseFloor(parts, '0.1');
    const r = await attachV1(parts);
    r.subscribe(READER);
    await r.peer.until(() => r.seqs().length === 3);
    r.subscribe(OTHER_READER);
    expect(await r.peer.next('error')).toMatchObject(BELOW);
    expect(r.peer.closed()).toBeNull();
  });

  it('[RN-22] a revoked device is refused like one without a good token', async () => {
    const parts = await createFieldParts();
    await parts.attachments.revoke({ nodeId: 'f1', eventId: EVENT } as never, 'forwarder');
    const peer = parts.connectForwarder(grantOf('forwarder', 'f1'));
    peer.say({ kind: 'forwarder_hello', forwarder_id: 'f1', reader_ips: [READER] });
    expect(await peer.next('error')).toMatchObject({ code: 'INVALID_TOKEN' });
    expect(peer.closed()?.code).toBe(4401);
  });

  it('[RN-22] revoking and leaving end an open session', async () => {
    const parts = await createFieldParts();
    const [f, r] = [await attachF(parts), await attachV11(parts, manualSelection())];
    const node = { nodeId: 'f1', eventId: EVENT } as never;
    await parts.attachments.revoke(node, 'forwarder');
    parts.presence.dismiss('f1' as never, EVENT, parts.attachments.refuseWrite(node));
    expect(f.peer.closed()?.code).toBe(4403);
    parts.presence.dismiss('r1' as never, EVENT, null);
    expect(r.peer.closed()?.code).toBe(1000);
  });
});
