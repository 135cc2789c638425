import { RaceId, StreamId } from '@baton/schema/ids';
import { silentLog } from '@baton/schema/ports';
import { err, ok } from '@baton/schema/result';
import { NOTHING_SELECTED, type Selection } from '@baton/schema/selection';
import { describe, expect, it } from 'vitest';
import { type ControlRequest, createControlHandler } from '../../src/receiver/control-api.ts';
import { serveControl } from '../../src/receiver/control-server.ts';
import type { ReceiverStatus } from '../../src/receiver/receiver.ts';

const stage = (canStore = true) => {
  let selection: Selection = NOTHING_SELECTED;
  const calls: string[] = [];
  const status = (): ReceiverStatus => ({
    connection: 'offline',
    relay: 'http://relay:8787',
    selection,
    warnings: [],
    streams: [],
  });
  const handler = createControlHandler({
    status,
    selection: () => selection,
    select: async (next) => {
      if (!canStore) return err({ type: 'selection-not-stored', message: 'no space left' });
      selection = next;
      return ok(undefined);
    },
    streams: async () => [],
    repair: async ({ streamId, epoch }) => {
      calls.push(`repair ${streamId}/${epoch}`);
      if (epoch === 2) return err({ type: 'not-selected', message: 'not selected' });
      return epoch === 3 ? err({ type: 'offline', message: 'no relay' }) : ok(undefined);
    },
    connect: () => calls.push('connect'),
    disconnect: () => calls.push('disconnect'),
  });
  const ask = (method: string, path: string, more: Partial<ControlRequest> = {}) =>
    handler({ method, path, host: '127.0.0.1:8790', origin: null, body: '', ...more });
  return { handler, ask, calls, selection: () => selection };
};

const race: Selection = { mode: 'race', raceId: RaceId.parse('r1'), epochScope: 'current' };

describe('control API', () => {
  it('drops an epoch to be pulled again, and says where it cannot', async () => {
    const { ask, calls } = stage();
    const post = (epoch: unknown) =>
      ask('POST', '/api/v1/repair', { body: JSON.stringify({ streamId: 'box-1.mat', epoch }) });
    expect(await post(1)).toMatchObject({ status: 200, body: { connection: 'offline' } });
    expect(calls).toEqual(['repair box-1.mat/1']);
    expect(await post(2)).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    expect(await post(3)).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
    expect(await post('1')).toMatchObject({ status: 400, body: { code: 'BAD_REQUEST' } });
    expect(calls).toHaveLength(3);
  });

  it('tells the status', async () => {
    expect(await stage().ask('GET', '/api/v1/status')).toEqual({
      status: 200,
      body: {
        connection: 'offline',
        relay: 'http://relay:8787',
        selection: NOTHING_SELECTED,
        warnings: [],
        streams: [],
      },
    });
  });

  it('[RT-26] stores a selection and tells it', async () => {
    const { ask, selection } = stage();
    const put = await ask('PUT', '/api/v1/selection', { body: JSON.stringify(race) });
    expect(put).toEqual({ status: 200, body: race });
    expect(selection()).toEqual(race);
    expect(await ask('GET', '/api/v1/selection')).toEqual({ status: 200, body: race });
  });

  it('takes a race id in any case as one race', async () => {
    const { ask, selection } = stage();
    const raceId = '354B16D3-83AD-4013-85E9-7DAE0D3CF516';
    await ask('PUT', '/api/v1/selection', { body: JSON.stringify({ ...race, raceId }) });
    expect(selection()).toMatchObject({ raceId: raceId.toLowerCase() });
  });

  const bad: readonly (readonly [string, string])[] = [
    ['no body', ''],
    ['no JSON', '{'],
    ['null', 'null'],
    ['a list', '[]'],
    ['no mode', '{"raceId":"r1","epochScope":"all"}'],
    ['an unknown mode', '{"mode":"everything"}'],
    ['an empty race id', '{"mode":"race","raceId":"","epochScope":"all"}'],
    ['a race id that climbs', '{"mode":"race","raceId":"..","epochScope":"all"}'],
    ['a race id of 129 characters', JSON.stringify({ mode: 'race', raceId: 'r'.repeat(129), epochScope: 'all' })],
    ['no race id', '{"mode":"race","epochScope":"all"}'],
    ['no scope', '{"mode":"race","raceId":"r1"}'],
    ['a bad scope', '{"mode":"race","raceId":"r1","epochScope":"some"}'],
    ['a scope that is no text', '{"mode":"race","raceId":"r1","epochScope":1}'],
    ['no streams', '{"mode":"manual"}'],
    ['a stream that is none', '{"mode":"manual","streams":["a b"]}'],
    ['a stream that is no text', '{"mode":"manual","streams":[7]}'],
    ['1001 streams', JSON.stringify({ mode: 'manual', streams: Array(1001).fill('a.b') })],
  ];

  it.each(bad)('[RT-27] refuses %s and keeps the stored selection', async (_, body) => {
    const { ask, selection } = stage();
    const kept: Selection = { mode: 'manual', streams: [StreamId.parse('box-1.mat')] };
    await ask('PUT', '/api/v1/selection', { body: JSON.stringify(kept) });
    const answer = await ask('PUT', '/api/v1/selection', { body });
    expect(answer).toMatchObject({ status: 400, body: { code: 'BAD_REQUEST', details: expect.any(Object) } });
    expect(selection()).toEqual(kept);
  });

  it('says so when the disk does not take the selection', async () => {
    const { ask, selection } = stage(false);
    const answer = await ask('PUT', '/api/v1/selection', { body: JSON.stringify(race) });
    expect(answer).toMatchObject({ status: 500, body: { code: 'INTERNAL_ERROR' } });
    expect(selection()).toEqual(NOTHING_SELECTED);
  });

  it('connects and disconnects', async () => {
    const { ask, calls } = stage();
    expect(await ask('POST', '/api/v1/connect')).toMatchObject({ status: 200 });
    expect(await ask('POST', '/api/v1/disconnect')).toMatchObject({ status: 200 });
    expect(calls).toEqual(['connect', 'disconnect']);
  });

  it.each([
    ['GET', '/api/v1/nothing'],
    ['GET', '/'],
    ['DELETE', '/api/v1/selection'],
    ['GET', '/api/v1/connect'],
    ['GET', '/api/v1/__proto__'],
    ['constructor', '/api/v1/status'],
  ])('knows no %s %s', async (method, path) => {
    expect(await stage().ask(method, path)).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
  });

  it.each([
    ['a foreign Host', { host: 'evil.example' }],
    ['a foreign Host with our port', { host: 'evil.example:8790' }],
    ['a Host that begins like ours', { host: '127.0.0.1.evil.example' }],
    ['no Host', { host: null }],
    ['a foreign Origin', { origin: 'https://evil.example' }],
    ['an opaque Origin', { origin: 'null' }],
    ['an Origin that begins like ours', { origin: 'http://localhost.evil.example' }],
    ['an Origin with a user', { origin: 'http://localhost@evil.example' }],
  ])('[P15] refuses %s', async (_, headers) => {
    const { ask, calls } = stage();
    expect(await ask('POST', '/api/v1/disconnect', headers)).toMatchObject({
      status: 403,
      body: { code: 'FORBIDDEN' },
    });
    expect(calls).toEqual([]);
  });

  it.each(['localhost', 'localhost:1', '127.0.0.1', '[::1]:8790'])('is there as %s', async (host) => {
    expect(await stage().ask('GET', '/api/v1/status', { host, origin: `http://${host}` })).toMatchObject({
      status: 200,
    });
  });
});

describe('control API on a port', () => {
  it('answers, bounds bodies, and says that a port is in use', async () => {
    const { handler } = stage();
    const served = await serveControl({ host: '127.0.0.1', port: 0 }, handler, silentLog);
    if (!served.ok) throw new Error(served.error.message);
    const { port, close } = served.value;
    const url = `http://127.0.0.1:${port}/api/v1/selection`;
    const put = (body: string) => fetch(url, { method: 'PUT', body });
    expect(await (await put(JSON.stringify(race))).json()).toEqual(race);
    expect((await fetch(`${url}?a=b`)).status).toBe(200);
    const large = await put('x'.repeat(600_000));
    expect(large.status).toBe(413);
    expect(await large.json()).toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    expect(await serveControl({ host: '127.0.0.1', port }, handler, silentLog)).toMatchObject({
      ok: false,
      error: { type: 'cannot-listen' },
    });
    await close();
  });

  it('answers 500 and goes on when a handler fails', async () => {
    let broken = true;
    const served = await serveControl(
      { host: '127.0.0.1', port: 0 },
      async () => {
        if (broken) throw new Error('a defect');
        return { status: 200, body: 'fine' };
      },
      silentLog,
    );
    if (!served.ok) throw new Error(served.error.message);
    const url = `http://127.0.0.1:${served.value.port}/`;
    const failed = await fetch(url);
    expect([failed.status, await failed.text()]).toEqual([500, expect.not.stringContaining('a defect')]);
    broken = false;
    expect((await fetch(url)).status).toBe(200);
    await served.value.close();
  });
});
