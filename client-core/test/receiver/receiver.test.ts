import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSelection, writeSelection } from '@baton/schema/doc';
import { EventId, NodeId, RaceId } from '@baton/schema/ids';
import { silentLog } from '@baton/schema/ports';
import { pairKey } from '@baton/schema/reads';
import { err } from '@baton/schema/result';
import type { Selection } from '@baton/schema/selection';
import { createSocketNetwork, createVirtualTime } from '@baton/testkit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as Y from 'yjs';
import type { FollowedClient } from '../../src/doc/doc-client.ts';
import type { RelayApi } from '../../src/http/relay-api.ts';
import { listenTcp } from '../../src/platform/node/tcp.ts';
import { openIdentityStore } from '../../src/receiver/identity.ts';
import { createReceiver } from '../../src/receiver/receiver.ts';
import { openSelectionStore } from '../../src/receiver/selection-store.ts';
import { createMemoryReplica } from '../../src/replica/memory-replica.ts';
import { createScriptedRelay } from '../reads/scripted-relay.ts';
import { GATE, MAT } from '../replica/made-reads.ts';
import { createDocRoom, type DocRoom } from './doc-room.ts';

/** Real files: how long they take is not what is tested. */
const PATIENCE = { timeout: 30_000, interval: 20 } as const;
const me = { role: 'receiver', eventId: 'e1', nodeId: 'laptop', label: null, expiresAt: null };
const both: Selection = { mode: 'manual', streams: [MAT, GATE] };

/** The relay's HTTP side as far as a receiver asks it. */
const scriptedApi = (answers: { me: unknown }): RelayApi => ({
  call: async (_method, path, answer) => {
    const body = path === '/me' ? answers.me : path.startsWith('/streams') ? { streams: [] } : null;
    const parsed = answer.safeParse(body);
    return parsed.success ? { ok: true, value: parsed.data } : err({ type: 'unreachable', message: 'no relay' });
  },
  stream: async () => err({ type: 'unreachable', message: 'no relay' }),
});

/** A document that nobody edits and the relay has answered for. */
const emptyDoc = (): FollowedClient => {
  const doc = new Y.Doc();
  return {
    doc,
    link: () => ({ type: 'synced', unsaved: false, keeping: { type: 'none' } }),
    isLoaded: () => true,
    onChange: () => () => {},
    connect: () => {},
    close: () => doc.destroy(),
  };
};

describe('a receiver', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'baton-receiver-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  const start = async (answers: { me: unknown } = { me }, room?: DocRoom) => {
    const time = createVirtualTime();
    const relay = createScriptedRelay();
    const network = createSocketNetwork(relay.onConnect);
    const replica = createMemoryReplica({ log: silentLog });
    const identity = await openIdentityStore(dir, 'token', silentLog);
    const deps = {
      ...time,
      random: { next: () => 0.5 },
      log: silentLog,
      openSocket: network.openSocket,
      listen: listenTcp,
      api: scriptedApi(answers),
      replica,
      selection: await openSelectionStore(dir, silentLog),
      identity,
      followDoc: (name: string, doc?: Y.Doc) =>
        room !== undefined && doc !== undefined ? room.followDoc(name, doc) : emptyDoc(),
    };
    const receiver = await createReceiver(deps, {
      relay: 'http://relay',
      token: 'token',
      identity: identity.known,
      outputs: [],
      files: [],
    });
    const settle = async (ms = 100): Promise<void> => {
      for (let step = 0; step < 20; step++) {
        network.flush();
        await time.advanceAsync(ms / 20);
      }
    };
    return { receiver, relay, network, replica, settle, answers };
  };

  it('begins with nothing selected, and follows what is selected', async () => {
    const { receiver, relay, settle } = await start();
    relay.grow({ streamId: MAT, epoch: 1 }, 5);
    await settle();
    expect(receiver.status()).toEqual({
      connection: 'live',
      relay: 'http://relay',
      selection: { mode: 'manual', streams: [] },
      warnings: [],
      streams: [],
    });
    expect(await receiver.select(both)).toMatchObject({ ok: true });
    await settle();
    expect(receiver.status()).toMatchObject({
      connection: 'live',
      streams: [{ streamId: MAT, epoch: 1, held: 5, head: 5, complete: true }],
    });
    await receiver.close();
  });

  it('[RT-26] starts with the selection stored last, and says it in its first select', async () => {
    const race: Selection = { mode: 'race', raceId: RaceId.parse('r1'), epochScope: 'current' };
    const first = await start();
    await first.receiver.select(race);
    await first.receiver.close();
    const second = await start();
    expect(second.receiver.selection()).toEqual(race);
    second.relay.knowRaces(['r1']);
    await second.settle();
    expect(second.relay.selects[0]).toMatchObject({ type: 'select', selection: race });
    await second.receiver.close();
  });

  it('[RT-26] takes a selection without a relay', async () => {
    const { receiver, network, answers } = await start({ me: null });
    await receiver.select(both);
    expect(receiver.status()).toMatchObject({ connection: 'offline', selection: both });
    expect(network.pairs).toEqual([]);
    expect(answers.me).toBeNull();
    await receiver.close();
    expect((await openSelectionStore(dir, silentLog)).current()).toEqual(both);
  });

  it('[RT-26] tells its document what was selected offline, and follows what operators write there', async () => {
    const room = createDocRoom();
    const away = await start({ me: null }, room);
    await away.receiver.select(both);
    await away.receiver.close();
    room.setLink('online');
    const { receiver, relay, settle } = await start({ me }, room);
    await settle();
    expect(relay.selects[0]).toMatchObject({ type: 'select', selection: both });
    await vi.waitFor(() => expect(readSelection(room.doc)).toEqual(both), PATIENCE);
    const gate: Selection = { mode: 'manual', streams: [GATE] };
    writeSelection(room.doc, gate);
    await vi.waitFor(() => expect(receiver.status().selection).toEqual(gate), PATIENCE);
    await settle();
    expect(relay.selects.at(-1)).toMatchObject({ type: 'select', selection: gate });
    receiver.disconnect();
    await receiver.select(both);
    expect(readSelection(room.doc)).toEqual(gate);
    receiver.connect();
    await vi.waitFor(() => expect(readSelection(room.doc)).toEqual(both), PATIENCE);
    await receiver.close();
  });

  it('learns who it is as soon as there is a relay, and needs none at the next start', async () => {
    const answers: { me: unknown } = { me: null };
    const { receiver, settle, relay } = await start(answers);
    await receiver.select(both);
    relay.grow({ streamId: MAT, epoch: 1 }, 3);
    await settle(5000);
    expect(receiver.status().connection).toBe('offline');
    answers.me = me;
    await settle(60_000);
    expect(receiver.status().connection).toBe('live');
    await receiver.close();
    const second = await start({ me: null });
    await second.settle();
    expect(second.receiver.status().connection).toBe('live');
    await second.receiver.close();
  });

  it('stays away from the relay with a token of another event', async () => {
    const store = await openIdentityStore(dir, 'an older token', silentLog);
    await store.keep({ eventId: EventId.parse('e0'), nodeId: NodeId.parse('laptop'), label: null });
    const { receiver, settle, network } = await start();
    await settle(5000);
    expect(network.pairs).toEqual([]);
    expect(receiver.status().connection).toBe('offline');
    await receiver.close();
  });

  it('disconnects and connects when told to', async () => {
    const { receiver, relay, settle, replica } = await start();
    await receiver.select(both);
    await settle();
    receiver.disconnect();
    await settle(60_000);
    expect(receiver.status().connection).toBe('offline');
    relay.grow({ streamId: MAT, epoch: 1 }, 8);
    receiver.connect();
    await settle();
    expect((await replica.clock()).get(pairKey(MAT, 1))).toBe(8);
    await receiver.close();
  });

  it('lists what may be selected, with what is held', async () => {
    const { receiver, relay, settle } = await start();
    await receiver.select(both);
    relay.grow({ streamId: MAT, epoch: 1 }, 4);
    relay.grow({ streamId: MAT, epoch: 2 }, 2);
    await settle();
    expect(await receiver.streams()).toEqual([
      { streamId: MAT, forwarderId: null, reader: null, label: null, epoch: null, head: null, held: 6 },
    ]);
    await receiver.close();
  });
});
