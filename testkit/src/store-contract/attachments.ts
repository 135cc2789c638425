import { EventId, NodeId } from '@baton/schema/ids';
import type { AttachmentRecord, ChangeReply, NodeChange, Store } from '@baton/sync-server/storage';
import { describe, expect, it } from 'vitest';
import { commit, EVENT_A, EVENT_B, eventRecord, FORWARDER, type OpenStore, onStore } from './fixtures.ts';

type Told = Extract<NodeChange, { type: 'attachNode' }>['attachment'];

const told = (eventId: EventId, change: Partial<Told> = {}): Told => ({
  attachmentId: `attachment in ${eventId}`,
  nodeId: FORWARDER,
  eventId,
  role: 'forwarder',
  label: 'Gate "north"',
  clientVersion: '1.10',
  capabilities: { forward: ['ipico'], note: null },
  declared: true,
  attachedAt: 1_772_870_400_000,
  ...change,
});

const attach = (eventId: EventId, change: Partial<Told> = {}): NodeChange => ({
  type: 'attachNode',
  attachment: told(eventId, change),
});

const detach = (eventId: EventId, attaches?: number): NodeChange => ({
  type: 'detachNode',
  node: { nodeId: FORWARDER, eventId },
  ...(attaches === undefined ? {} : { attaches }),
});

const ELSEWHERE: ChangeReply = { type: 'refused', reason: 'node-active-elsewhere' };
const REVOKED: ChangeReply = { type: 'refused', reason: 'node-revoked' };

const standings = async (store: Store): Promise<Readonly<Record<string, string>>> =>
  Object.fromEntries((await store.load()).attachments.map((it) => [it.eventId, `${it.standing} ${it.attaches}`]));

export const attachmentsContract = (open: OpenStore): void => {
  describe('attachments', () => {
    it('[P1] come back as they were put, also after a restart', () =>
      onStore(open, async (store, { reopen }) => {
        await commit(store, attach(EVENT_A));
        const expected: AttachmentRecord[] = [{ ...told(EVENT_A), standing: 'attached', attaches: 1 }];
        expect((await store.load()).attachments).toEqual(expected);
        expect((await (await reopen()).load()).attachments).toEqual(expected);
      })());

    it('[RN-19] a node has its place in one event only, and the commit that would give it another changes nothing', () =>
      onStore(open, async (store, { reopen }) => {
        await commit(store, attach(EVENT_A));
        const both = [{ type: 'putEvent', event: eventRecord(EVENT_B) } as const, attach(EVENT_B)];
        expect(await store.commit(both)).toEqual(ELSEWHERE);
        expect((await store.load()).events).toEqual([]);
        expect(await standings(await reopen())).toEqual({ [EVENT_A]: 'attached 1' });
      })());

    it('[RN-20] of 20 events at once, exactly one gets the node', () =>
      onStore(open, async (store) => {
        const events = Array.from({ length: 20 }, (_, index) => EventId.parse(`event-${index}`));
        const replies = await Promise.all(events.map((eventId) => store.commit([attach(eventId)])));
        expect(replies.filter((it) => it.type === 'committed')).toHaveLength(1);
        expect(replies.filter((it) => it.type === 'refused')).toHaveLength(19);
        expect((await store.load()).attachments).toHaveLength(1);
      })());

    it('[RN-21] leaves one event, attaches to another, comes back to the same row', () =>
      onStore(open, async (store) => {
        await commit(store, attach(EVENT_A));
        await commit(store, detach(EVENT_A), attach(EVENT_B));
        expect(await store.commit([attach(EVENT_A)])).toEqual(ELSEWHERE);
        await commit(store, detach(EVENT_B));
        await commit(store, attach(EVENT_A, { attachmentId: 'another', clientVersion: '2.0', attachedAt: 5 }));
        const back = (await store.load()).attachments.find((it) => it.eventId === EVENT_A);
        const { attachmentId } = told(EVENT_A);
        expect(back).toMatchObject({ attachmentId, clientVersion: '2.0', attachedAt: 5, attaches: 2 });
      })());

    it('[RN-20] the way back to an old row is decided by the index, too', () =>
      onStore(open, async (store) => {
        await commit(store, attach(EVENT_A));
        await commit(store, detach(EVENT_A));
        await commit(store, attach(EVENT_B));
        await commit(store, detach(EVENT_B));
        const replies = await Promise.all([EVENT_A, EVENT_B].map((eventId) => store.commit([attach(eventId)])));
        expect(replies.map((it) => it.type)).toEqual(['committed', 'refused']);
      })());

    it('a place is taken away only from the attachment that was seen', () =>
      onStore(open, async (store) => {
        await commit(store, attach(EVENT_A));
        await commit(store, attach(EVENT_A));
        expect(await store.commit([detach(EVENT_A, 1), attach(EVENT_B)])).toEqual(ELSEWHERE);
        await commit(store, detach(EVENT_A, 2), attach(EVENT_B));
        expect(await standings(store)).toEqual({ [EVENT_A]: 'detached 2', [EVENT_B]: 'attached 1' });
      })());

    it('[RN-22] a revoked node stays out of its event, also after a restart, and may be elsewhere', () =>
      onStore(open, async (store, { reopen }) => {
        await commit(store, attach(EVENT_A), { type: 'revokeNode', attachment: told(EVENT_A) });
        expect(await store.commit([attach(EVENT_A)])).toEqual(REVOKED);
        const again = await reopen();
        await commit(again, detach(EVENT_A));
        expect(await again.commit([attach(EVENT_A)])).toEqual(REVOKED);
        expect((await again.load()).attachments[0]).toMatchObject({ standing: 'revoked' });
        await commit(again, attach(EVENT_B));
      })());

    it('[RN-22] a node can be revoked that has never attached', () =>
      onStore(open, async (store) => {
        await commit(store, { type: 'revokeNode', attachment: told(EVENT_A) });
        expect(await store.commit([attach(EVENT_A)])).toEqual(REVOKED);
      })());

    it('[RN-24] capabilities are replaced as a whole, those of a node that left stay', () =>
      onStore(open, async (store) => {
        const node = { nodeId: FORWARDER, eventId: EVENT_A };
        const declare = (capabilities: Told['capabilities']): NodeChange => ({
          type: 'declareNode',
          node,
          capabilities,
          declared: true,
        });
        await commit(store, attach(EVENT_A, { declared: false }), declare({ receive: { tcp: [1, 2] } }));
        const replaced = { ...told(EVENT_A), capabilities: { receive: { tcp: [1, 2] } } };
        expect((await store.load()).attachments).toEqual([{ ...replaced, standing: 'attached', attaches: 1 }]);
        await commit(store, detach(EVENT_A), declare({}));
        expect((await store.load()).attachments).toEqual([{ ...replaced, standing: 'detached', attaches: 1 }]);
      })());

    it('[RN-23] leaving twice, or without ever having been there, changes nothing', () =>
      onStore(open, async (store) => {
        await commit(store, detach(EVENT_A));
        expect((await store.load()).attachments).toEqual([]);
        await commit(store, attach(EVENT_A));
        await commit(store, detach(EVENT_A));
        await commit(store, detach(EVENT_A));
        expect(await standings(store)).toEqual({ [EVENT_A]: 'detached 1' });
      })());

    it('go with their event, and give the node free', () =>
      onStore(open, async (store) => {
        const other = NodeId.parse('scoring');
        await commit(store, attach(EVENT_A), attach(EVENT_B, { nodeId: other }));
        await commit(store, { type: 'deleteEvent', eventId: EVENT_A });
        await commit(store, attach(EVENT_B));
        expect((await store.load()).attachments.map((it) => it.nodeId).sort()).toEqual([FORWARDER, other].sort());
      })());
  });
};
