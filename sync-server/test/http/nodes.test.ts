import type { NodeBody } from '@baton/schema/http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attachForwarder, createEvent, createToken, type RelayFixture, startRelay } from './relay-fixture.ts';

let f: RelayFixture;
beforeAll(async () => {
  f = await startRelay();
  for (const eventId of ['e1', 'e2']) await createEvent(f, eventId);
});
afterAll(async () => {
  await f.close();
  expect(f.defects).toEqual([]);
});

const nodesOf = async (token: string): Promise<readonly NodeBody[]> =>
  ((await f.ask('GET', '/api/v1/events/e1/nodes', { token })).body as { nodes: NodeBody[] }).nodes;

describe('nodes of an event', () => {
  it('are those attached right now, with who they are and how they do', async () => {
    const operator = await createToken(f, 'operator', 'e1');
    expect(await nodesOf(operator)).toEqual([]);
    const forwarder = await attachForwarder(f, await createToken(f, 'forwarder', 'e1', 'f1'), 'f1', 'e1');
    expect(await nodesOf(operator)).toEqual([
      {
        nodeId: 'f1',
        role: 'forwarder',
        label: null,
        state: 'online',
        clientVersion: expect.any(String),
        attachedAt: expect.any(Number),
        lastHeartbeatAt: expect.any(Number),
      },
    ]);
    await forwarder.close();
    while ((await nodesOf(operator)).length > 0);
  });

  it('[P14] are told to members of the event only, also when it is published', async () => {
    const stranger = await createToken(f, 'operator', 'e2');
    for (const [token, status] of [
      [null, 401],
      [stranger, 403],
    ] as const) {
      expect((await f.ask('GET', '/api/v1/events/e1/nodes', { token })).status).toBe(status);
    }
    expect((await f.ask('GET', '/api/v1/events/nope/nodes', { token: stranger })).status).toBe(404);
  });
});
