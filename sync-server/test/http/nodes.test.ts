import { receiverDocName, setupDocName } from '@baton/schema/doc';
import { AttachedBody, type NodeBody, NodeList } from '@baton/schema/http';
import { EventId, NodeId } from '@baton/schema/ids';
import { afterEach, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { createMemoryStore } from '../../src/storage/memory/memory-store.ts';
import { openWorkerStore } from '../../src/storage/worker-store.ts';
import { temporaryDirectory } from '../storage/data-directory.ts';
import { attachForwarder, createEvent, createToken, type RelayFixture, startRelay } from './relay-fixture.ts';

const open: RelayFixture[] = [];

afterEach(async () => {
  for (const it of open.splice(0)) await it.close();
});

const start = async (...args: Parameters<typeof startRelay>): Promise<RelayFixture> => {
  const fixture = await startRelay(...args);
  open.push(fixture);
  return fixture;
};

const withDataDirectory = async (test: (dataDir: string) => Promise<void>): Promise<void> => {
  const directory = temporaryDirectory();
  try {
    await test(directory.path);
  } finally {
    directory.remove();
  }
};

const body = (eventId: string, change: object = {}) => ({
  eventId,
  nodeId: 'gate',
  clientVersion: '1.0',
  capabilities: {},
  health: 'online',
  ...change,
});

/** A relay with one event; `gate` has a forwarder's token. */
const startRun = async (options: Parameters<typeof startRelay>[0] = {}) => {
  const fixture = await start(options);
  await createEvent(fixture, 'run');
  const token = await createToken(fixture, 'forwarder', 'run', 'gate');
  const post = (path: string, sent: object, by = token) =>
    fixture.ask('POST', `/api/v1/nodes/${path}`, { token: by, body: sent });
  const attach = (change: object = {}, by = token) => post('attach', body('run', change), by);
  const nodes = async (): Promise<readonly NodeBody[]> =>
    NodeList.parse((await fixture.ask('GET', '/api/v1/events/run/nodes')).body).nodes;
  const floor = (minClientVersion: string) =>
    fixture.ask('PUT', '/api/v1/events/run/version-floor', { body: { minClientVersion } });
  return { ...fixture, fixture, token, post, attach, nodes, floor };
};

type Run = Awaited<ReturnType<typeof startRun>>;

const expectCode = (
  answer: { readonly status: number; readonly body: unknown },
  status: number,
  code: string,
): void => {
  expect({ status: answer.status, body: answer.body }).toMatchObject({ status, body: { code } });
};

/** What attaching must never touch. */
const grantsAndDocuments = async ({ core }: Run): Promise<unknown> => {
  const names = [setupDocName(EventId.parse('run')), receiverDocName(EventId.parse('run'), NodeId.parse('gate'))];
  const docs = [];
  for (const name of names) {
    const held = await core.docs.hold(name);
    docs.push(Buffer.from(Y.encodeStateAsUpdate(held.doc)).toString('hex'));
    held.release();
  }
  return { tokens: core.registry.tokens(), docs };
};

describe('attaching over HTTP', () => {
  it('lands in registering; the first capabilities make it online', async () => {
    const run = await startRun();
    const attached = await run.attach({ capabilities: { forward: ['ipico'] } });
    expect(attached.status).toBe(200);
    expect(AttachedBody.strict().parse(attached.body)).toMatchObject({ state: 'registering', readOnly: false });
    const declared = await run.post('capabilities', { nodeId: 'gate', capabilities: { forward: ['ipico'] } });
    expect(declared.body).toEqual({ nodeId: 'gate', state: 'online', updatedAt: expect.any(Number) });
    expect(await run.nodes()).toMatchObject([
      { nodeId: 'gate', role: 'forwarder', state: 'online', health: 'online', readOnly: false, connected: false },
    ]);
  });

  it('[RN-03] [RN-04] below the floor it is joined read-only: it reads, its write is refused, it stays attached', async () => {
    const run = await startRun();
    await run.floor('1.4');
    const receiver = await createToken(run.fixture, 'receiver', 'run', 'gate');
    expect((await run.attach({}, receiver)).body).toMatchObject({ readOnly: true });
    const pulled = await run.ask('POST', '/api/v1/events/run/pull', { token: receiver, body: { targets: [] } });
    expect(pulled.status).toBe(200);
    const written = await run.post('capabilities', { nodeId: 'gate', capabilities: { a: 1 } }, receiver);
    expectCode(written, 409, 'VERSION_FLOOR_EXCEEDED');
    expect(written.body).toMatchObject({
      details: { attemptedVersion: '1.0', acceptedRange: { min: '1.4', max: null } },
    });
    expect((await run.post('heartbeat', { nodeId: 'gate', health: 'online' }, receiver)).status).toBe(204);
    expect(await run.nodes()).toMatchObject([
      { state: 'registering', health: 'online', readOnly: true, capabilities: {} },
    ]);
  });

  it('[RN-06] raising the floor refuses the next write of a node that is attached', async () => {
    const run = await startRun();
    await run.attach({ clientVersion: '1.9' });
    expect((await run.post('capabilities', { nodeId: 'gate', capabilities: { a: 1 } })).status).toBe(200);
    await run.floor('1.10');
    expectCode(
      await run.post('capabilities', { nodeId: 'gate', capabilities: { a: 2 } }),
      409,
      'VERSION_FLOOR_EXCEEDED',
    );
    expect(await run.nodes()).toMatchObject([{ state: 'online', readOnly: true, capabilities: { a: 1 } }]);
  });

  it('[RN-07] a floor that was damaged on disk refuses loudly, until it is set again', async () => {
    const store = createMemoryStore();
    const run = await startRun({ store });
    const event = run.core.registry.event(EventId.parse('run'));
    if (event === undefined) throw new Error('no event');
    await run.core.registry.change([{ type: 'putEvent', event: { ...event, minClientVersion: 'one.four' } }]);
    expectCode(await run.attach({ clientVersion: '99.99' }), 500, 'INTERNAL_ERROR');
    expect(await run.nodes()).toEqual([]);
    expect(run.defects).toMatchObject([{ floor: 'one.four' }]);
    expect((await run.floor('1.0')).status).toBe(200);
    expect((await run.attach()).body).toMatchObject({ readOnly: false });
  });

  it.each(['1', '1.2.3', '01.2', 'v1.0', '1.', '', '1'.repeat(65)])(
    '[RN-08] refuses the version %j',
    async (clientVersion) => {
      const run = await startRun();
      const refused = await run.attach({ clientVersion });
      expectCode(refused, 400, 'BAD_REQUEST');
      expect(refused.body).toMatchObject({ details: { fields: { clientVersion: expect.any(String) } } });
    },
  );

  it('[RN-09] several nodes are in one event, whose record stays as it was', async () => {
    const run = await startRun();
    const other = await createToken(run.fixture, 'receiver', 'run', 'tent');
    const before = (await run.ask('GET', '/api/v1/events/run')).body;
    await run.attach();
    await run.attach({ nodeId: 'tent' }, other);
    expect((await run.nodes()).map((it) => it.nodeId)).toEqual(['gate', 'tent']);
    expect((await run.ask('GET', '/api/v1/events/run')).body).toEqual(before);
  });

  it('[RN-10] heartbeats are stamped by the relay', async () => {
    const run = await startRun();
    await run.attach();
    const before = Date.now();
    await run.post('heartbeat', { nodeId: 'gate', health: 'degraded' });
    const [node] = await run.nodes();
    expect(node?.health).toBe('degraded');
    expect(node?.lastHeartbeatAt).toBeGreaterThanOrEqual(before);
    expect(node?.lastHeartbeatAt).toBeLessThanOrEqual(Date.now());
  });

  it('[RN-11] [RN-13] silence is seen by the sweep, and ended by a heartbeat; the timers are options', async () => {
    const flags = { 'node-degraded-ms': '40', 'node-offline-ms': '80', 'node-sweep-ms': '10' };
    const run = await startRun({ flags });
    await run.attach();
    await run.post('capabilities', { nodeId: 'gate', capabilities: { a: 1 } });
    await expect.poll(async () => (await run.nodes())[0]?.state, { interval: 5 }).toBe('offline');
    expect((await run.post('heartbeat', { nodeId: 'gate', health: 'online' })).status).toBe(204);
    expect(['online', 'degraded']).toContain((await run.nodes())[0]?.state);
  });

  it.each(['offline', 'revoked', 'registering', ''])('[RN-16] a node cannot claim to be %j', async (state) => {
    const run = await startRun();
    expectCode(await run.attach({ health: state }), 400, 'BAD_REQUEST');
    await run.attach();
    expectCode(await run.post('heartbeat', { nodeId: 'gate', health: state }), 400, 'BAD_REQUEST');
    const claim = { nodeId: 'gate', capabilities: { a: 1 }, healthChanges: { state } };
    expectCode(await run.post('capabilities', claim), 400, 'BAD_REQUEST');
    expect((await run.nodes())[0]?.state).toBe('registering');
  });

  it('[RN-17] [RN-18] neither attaching nor leaving touches a grant or a document', async () => {
    const run = await startRun();
    const before = await grantsAndDocuments(run);
    await run.attach();
    expect(await grantsAndDocuments(run)).toEqual(before);
    expect((await run.post('detach', { nodeId: 'gate', reason: 'battery' })).status).toBe(204);
    expect(await grantsAndDocuments(run)).toEqual(before);
  });

  it('[RN-19] a node that is active in one event is refused in another, which is not named', async () => {
    const run = await startRun();
    await createEvent(run.fixture, 'secret-run', 'draft');
    const other = await createToken(run.fixture, 'forwarder', 'secret-run', 'gate');
    expect((await run.post('attach', body('secret-run'), other)).status).toBe(200);
    const refused = await run.attach();
    expectCode(refused, 409, 'NODE_ATTACH_CONFLICT');
    expect(refused.text).not.toContain('secret');
  });

  it('[RN-19] in the same event the newest session fences the older', async () => {
    const run = await startRun();
    const session = await attachForwarder(run.fixture, run.token, 'gate', 'run');
    const closed = new Promise((resolve) => session.socket.once('close', resolve));
    expect((await run.attach()).status).toBe(200);
    expect(await closed).toBe(4409);
    expect(session.messages.at(-1)).toMatchObject({ error: { code: 'FENCED' } });
    expect(await run.nodes()).toMatchObject([{ takeovers: 1, connected: false }]);
  });

  it('[RN-20] of 20 attaches to 20 events at once, exactly one wins, on the real store', () =>
    withDataDirectory(async (dataDir) => {
      const fixture = await startRelay({ store: await openWorkerStore({ dataDir, onFailure: () => {} }) });
      try {
        const ids = Array.from({ length: 20 }, (_, index) => `run-${index}`);
        const tokens: string[] = [];
        for (const id of ids) {
          await createEvent(fixture, id);
          tokens.push(await createToken(fixture, 'forwarder', id, 'gate'));
        }
        const attachAll = () =>
          Promise.all(
            ids.map((id, index) =>
              fixture.ask('POST', '/api/v1/nodes/attach', { token: tokens[index] ?? null, body: body(id) }),
            ),
          );
        for (const _ of [1, 2]) {
          const answers = await attachAll();
          expect(answers.filter((it) => it.status === 200)).toHaveLength(1);
          for (const lost of answers.filter((it) => it.status !== 200)) expectCode(lost, 409, 'NODE_ATTACH_CONFLICT');
          const won = answers.findIndex((it) => it.status === 200);
          await fixture.ask('POST', '/api/v1/nodes/detach', { token: tokens[won] ?? null, body: { nodeId: 'gate' } });
        }
      } finally {
        await fixture.close();
      }
    }));

  it('[RN-21] after leaving it attaches elsewhere; coming back it has its old attachment again', async () => {
    const run = await startRun();
    await createEvent(run.fixture, 'other');
    const other = await createToken(run.fixture, 'forwarder', 'other', 'gate');
    const first = AttachedBody.parse((await run.attach()).body);
    await run.post('detach', { nodeId: 'gate' });
    expect(await run.nodes()).toMatchObject([{ state: 'offline' }]);
    expect((await run.post('attach', body('other'), other)).status).toBe(200);
    await run.post('detach', { nodeId: 'gate' }, other);
    const back = AttachedBody.parse((await run.attach()).body);
    expect(back.attachmentId).toBe(first.attachmentId);
    expect(back.state).toBe('registering');
  });

  it('[RN-22] revoked is for good, also after a restart: sessions end, attaching says so', () =>
    withDataDirectory(async (dataDir) => {
      const openStore = () => openWorkerStore({ dataDir, onFailure: () => {} });
      const first = await startRelay({ store: await openStore() });
      await createEvent(first, 'run');
      const token = await createToken(first, 'forwarder', 'run', 'gate');
      const session = await attachForwarder(first, token, 'gate', 'run');
      const closed = new Promise((resolve) => session.socket.once('close', resolve));
      const revoked = await first.ask('POST', '/api/v1/nodes/gate/revoke', { body: { eventId: 'run' } });
      expect({ status: revoked.status, body: revoked.body }).toEqual({
        status: 200,
        body: { nodeId: 'gate', state: 'revoked' },
      });
      expect(await closed).toBe(4403);
      const attach = (fixture: RelayFixture) =>
        fixture.ask('POST', '/api/v1/nodes/attach', { token, body: body('run') });
      expectCode(await attach(first), 409, 'NODE_REVOKED');
      expectCode(await attach(first), 409, 'NODE_REVOKED');
      await first.close();
      const again = await startRelay({ store: await openStore() });
      try {
        expectCode(await attach(again), 409, 'NODE_REVOKED');
        const listed = await again.ask('GET', '/api/v1/events/run/nodes');
        expect(NodeList.parse(listed.body).nodes).toMatchObject([{ nodeId: 'gate', state: 'revoked' }]);
        await expect(attachForwarder(again, token, 'gate', 'run')).rejects.toThrow('closed while waiting for welcome');
      } finally {
        await again.close();
      }
    }));

  it('[RN-22] a node with a token can be revoked before it ever attached; one nobody knows cannot', async () => {
    const run = await startRun();
    const revoke = (nodeId: string, token?: string) =>
      run.ask('POST', `/api/v1/nodes/${nodeId}/revoke`, { body: { eventId: 'run' }, ...(token ? { token } : {}) });
    expectCode(await revoke('nobody'), 404, 'NOT_FOUND');
    expectCode(await revoke('gate', run.token), 403, 'FORBIDDEN');
    expect((await revoke('gate')).status).toBe(200);
    expect((await revoke('gate')).status).toBe(200);
    expectCode(await run.attach(), 409, 'NODE_REVOKED');
  });

  it('[RN-23] leaving is idempotent, also for a node nobody knows', async () => {
    const run = await startRun();
    for (const _ of [1, 2]) expect((await run.post('detach', { nodeId: 'gate' })).status).toBe(204);
    await run.attach();
    for (const _ of [1, 2]) expect((await run.post('detach', { nodeId: 'gate' })).status).toBe(204);
    const unknown = await run.ask('POST', '/api/v1/nodes/detach', { body: { nodeId: 'nobody' } });
    expect(unknown.status).toBe(204);
  });

  it('[RN-23] leaving ends the session that is open', async () => {
    const run = await startRun();
    const session = await attachForwarder(run.fixture, run.token, 'gate', 'run');
    const closed = new Promise((resolve) => session.socket.once('close', resolve));
    await run.post('detach', { nodeId: 'gate' });
    expect(await closed).toBe(1000);
  });

  it('[RN-24] [RN-25] capabilities are replaced as a whole; online is declared, not claimed', async () => {
    const run = await startRun();
    await run.attach();
    const claim = { nodeId: 'gate', capabilities: {}, healthChanges: { state: 'online' } };
    expectCode(await run.post('capabilities', claim), 409, 'NODE_CAPABILITY_CONFLICT');
    const [before] = await run.nodes();
    await run.post('capabilities', { nodeId: 'gate', capabilities: { a: 1, b: [2] } });
    await run.post('capabilities', { nodeId: 'gate', capabilities: { c: { d: null } } });
    expect(await run.nodes()).toMatchObject([{ capabilities: { c: { d: null } }, attachedAt: before?.attachedAt }]);
    const reason = { nodeId: 'gate', capabilities: { c: 1 }, healthChanges: { state: 'degraded', reason: 'hot' } };
    expect((await run.post('capabilities', reason)).body).toMatchObject({ state: 'degraded' });
  });

  it('[RN-26] capabilities of a node that is not attached are a conflict', async () => {
    const run = await startRun();
    const call = { nodeId: 'gate', capabilities: { a: 1 } };
    expectCode(await run.post('capabilities', call), 409, 'NODE_CAPABILITY_CONFLICT');
    await run.attach();
    await run.post('detach', { nodeId: 'gate' });
    expectCode(await run.post('capabilities', call), 409, 'NODE_CAPABILITY_CONFLICT');
    expectCode(await run.post('heartbeat', { nodeId: 'gate', health: 'online' }), 409, 'CONFLICT');
  });

  it.each([
    ['attach', body('run', { extra: 1 })],
    ['attach', body('run', { nodeId: '' })],
    ['attach', body('run', { nodeId: 'x'.repeat(129) })],
    ['attach', body('run', { nodeId: 'a/b' })],
    ['attach', body('run', { capabilities: [] })],
    ['attach', { eventId: 'run', nodeId: 'gate', clientVersion: '1.0', health: 'online' }],
    ['heartbeat', { nodeId: 'gate' }],
    ['heartbeat', { nodeId: 'gate', health: 'online', at: 1 }],
    ['capabilities', { nodeId: 'gate' }],
    ['capabilities', { nodeId: 'gate', capabilities: {}, healthChanges: {} }],
    ['capabilities', { nodeId: 'gate', capabilities: {}, healthChanges: { state: 'online', why: '' } }],
    ['capabilities', { nodeId: 'gate', capabilities: {}, healthChanges: { state: 'online', reason: 'x'.repeat(513) } }],
    ['detach', { nodeId: 'gate', reason: 'x'.repeat(513) }],
    ['detach', { nodeId: 'gate', force: true }],
    ['detach', {}],
    ['gate/revoke', {}],
    ['gate/revoke', { eventId: 'run', reason: 'stolen' }],
  ])('[RN-27] refuses %s %j', async (path, sent) => {
    const run = await startRun();
    const refused = await run.ask('POST', `/api/v1/nodes/${path}`, { body: sent });
    expectCode(refused, 400, 'BAD_REQUEST');
    expect(refused.body).toMatchObject({ details: { fields: expect.any(Object) } });
  });

  it('[RN-28] one envelope for all refusals; details only where they are defined', async () => {
    const run = await startRun();
    await createEvent(run.fixture, 'other');
    const answers = [
      await run.attach({ nodeId: 'tent' }),
      await run.attach({ eventId: 'nowhere' }),
      await run.attach({ eventId: 'other' }),
      await run.ask('POST', '/api/v1/nodes/attach', { token: null, body: body('run') }),
      await run.ask('POST', '/api/v1/nodes/attach', { token: 'wrong', body: body('run') }),
      await run.post('capabilities', { nodeId: 'gate', capabilities: {} }),
      await run.post('heartbeat', { nodeId: 'gate', health: 'online' }),
      await run.ask('GET', '/api/v1/events/run/nodes', { token: null }),
    ];
    expect(answers.map((it) => [it.status, (it.body as { code: string }).code])).toEqual([
      [403, 'FORBIDDEN'],
      [404, 'NOT_FOUND'],
      [403, 'FORBIDDEN'],
      [401, 'UNAUTHORIZED'],
      [401, 'UNAUTHORIZED'],
      [409, 'NODE_CAPABILITY_CONFLICT'],
      [404, 'NOT_FOUND'],
      [401, 'UNAUTHORIZED'],
    ]);
    for (const { body: envelope } of answers) {
      expect(Object.keys(envelope as object).sort()).toEqual(['code', 'message', 'retryable']);
    }
  });

  it('[P14] nodes are told to members of the event only, also when it is published', async () => {
    const run = await startRun();
    await createEvent(run.fixture, 'other');
    const stranger = await createToken(run.fixture, 'operator', 'other');
    const ask = async (token: string | null, eventId = 'run') =>
      (await run.ask('GET', `/api/v1/events/${eventId}/nodes`, { token })).status;
    expect([await ask(null), await ask(stranger), await ask(stranger, 'nope')]).toEqual([401, 403, 404]);
  });

  it('a viewer sees the nodes and attaches none', async () => {
    const run = await startRun();
    const viewer = await createToken(run.fixture, 'viewer', 'run');
    expect((await run.ask('GET', '/api/v1/events/run/nodes', { token: viewer })).status).toBe(200);
    expectCode(await run.attach({}, viewer), 403, 'FORBIDDEN');
  });
});
