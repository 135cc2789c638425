import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attachForwarder, createEvent, createToken, type RelayFixture, startRelay } from './relay-fixture.ts';

let f: RelayFixture;
let operator: string;
beforeAll(async () => {
  f = await startRelay();
  await createEvent(f, 'e1');
  operator = await createToken(f, 'operator', 'e1');
});
afterAll(() => f.close());

const announce = (streams: readonly object[], token = operator) =>
  f.ask('POST', '/api/v1/events/e1/streams', { token, body: { streams } });

const open = (streamId: string, epoch: number | string) =>
  f.ask('POST', `/api/v1/streams/${streamId}/epochs/${epoch}/open`, { token: operator });

describe('what a link between relays asks over HTTP', () => {
  it('streams of another relay are known here, however often it tells of them', async () => {
    const mats = [
      { forwarderId: 'box', reader: 'mat 1' },
      { forwarderId: 'box', reader: 'mat 2' },
    ];
    for (const _ of [1, 2]) {
      const { status, body } = await announce(mats);
      expect(status).toBe(200);
      expect(body).toMatchObject({ streams: [{ streamId: 'box.mat~1' }, { streamId: 'box.mat~2' }] });
    }
    const { body } = await f.ask('GET', '/api/v1/streams?eventId=e1', { token: operator });
    expect((body as { streams: unknown[] }).streams).toHaveLength(2);
  });

  it('[P15] a stream of another event or another spelling is refused, and nothing of the call is stored', async () => {
    await createEvent(f, 'e2');
    await f.ask('POST', '/api/v1/events/e2/streams', { body: { streams: [{ forwarderId: 'far', reader: 'mat' }] } });
    const refused = await announce([
      { forwarderId: 'fresh', reader: 'mat' },
      { forwarderId: 'far', reader: 'mat' },
    ]);
    expect(refused.status).toBe(409);
    expect(f.core.registry.streams(f.core.registry.event('e1' as never)?.eventId as never)).toHaveLength(2);
    const forwarder = await createToken(f, 'forwarder', 'e1', 'box');
    expect((await announce([], forwarder)).status).toBe(403);
    expect((await f.ask('POST', '/api/v1/events/e2/streams', { token: operator, body: { streams: [] } })).status).toBe(
      403,
    );
  });

  it('[RT-14] begins just the epoch that is named: a forwarder that is here is told, and asking again changes nothing', async () => {
    expect(await open('box.mat~1', 2)).toMatchObject({ status: 409, body: { code: 'FORWARDER_OFFLINE' } });
    const node = await attachForwarder(f, await createToken(f, 'forwarder', 'e1', 'tower'), 'tower', 'e1');
    expect((await open('tower.mat', 3)).body).toEqual({ streamId: 'tower.mat', epoch: 3 });
    expect(await node.until('epochCommand')).toMatchObject({ streamId: 'tower.mat', epoch: 3 });
    expect((await open('tower.mat', 2)).body).toEqual({ streamId: 'tower.mat', epoch: 3 });
    expect(node.messages.filter((it) => it.type === 'epochCommand')).toHaveLength(1);
    expect((await open('tower.mat', 5000)).status).toBe(400);
    expect((await open('tower.mat', 'x')).status).toBe(400);
    await node.close();
  });
});
