import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import type { CreatedToken } from '@baton/schema/http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import {
  attachNode,
  createEvent,
  createToken,
  type RelayFixture,
  seedStream,
  startRelay,
} from '../http/relay-fixture.ts';

let f: RelayFixture;
let skew = 0;
beforeAll(async () => {
  f = await startRelay({ clock: { now: () => Date.now() + skew } });
  await createEvent(f, 'e1');
});
afterEach(() => {
  skew = 0;
});
afterAll(async () => {
  await f.close();
});

const WITHIN_MS = 5000;

const make = async (role: string, more: object = {}): Promise<CreatedToken> =>
  (await f.ask('POST', '/api/v1/tokens', { body: { role, eventId: 'e1', ...more } })).body as CreatedToken;

interface Open {
  readonly path: string;
  readonly token: CreatedToken;
  readonly closed: Promise<number>;
}

const socketAt = (path: string, token: string): WebSocket =>
  new WebSocket(`${f.base.replace('http', 'ws')}${path}`, ['baton.v1', `bearer.${token}`]);

type Kind = readonly [path: string, role: string, nodeId: string | null, first: object | Uint8Array];

/** What every kind of socket says first, so that the relay answers. */
const kinds = (tag: string): readonly Kind[] => {
  const hello = { type: 'hello', protocol: 1, clientVersion: '0.1', capabilities: {}, eventId: 'e1' };
  const emptyStep1 = Uint8Array.of(0, 0, 1, 0);
  return [
    ['/docs/events/e1/setup', 'operator', null, emptyStep1],
    ['/docs/events/e1/setup', 'viewer', null, emptyStep1],
    [`/docs/events/e1/receivers/d-${tag}`, 'receiver', `d-${tag}`, emptyStep1],
    ['/sync', 'forwarder', `f-${tag}`, { ...hello, nodeId: `f-${tag}`, readers: ['mat'] }],
    ['/sync', 'receiver', `s-${tag}`, { ...hello, nodeId: `s-${tag}`, readers: [] }],
    [
      '/ws/v1/forwarders',
      'forwarder',
      `g-${tag}`,
      { kind: 'forwarder_hello', forwarder_id: `g-${tag}`, reader_ips: ['10.0.0.1:10000'] },
    ],
    ['/ws/v1/receivers', 'receiver', `r-${tag}`, { kind: 'receiver_hello', receiver_id: `r-${tag}`, resume: [] }],
    [
      '/ws/v1.1/receivers',
      'receiver',
      `v-${tag}`,
      { kind: 'receiver_hello_v11', receiver_id: `v-${tag}`, selection: { mode: 'manual', streams: [] } },
    ],
  ];
};

/** Opens a socket and waits until the relay has something to say to it. */
const open = async ([path, role, nodeId, first]: Kind, more: object): Promise<Open> => {
  const token = await make(role, { ...more, ...(nodeId === null ? {} : { nodeId }) });
  const socket = socketAt(path, token.token);
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  socket.once('open', () => socket.send(first instanceof Uint8Array ? first : JSON.stringify(first)));
  await new Promise((resolve, reject) => {
    socket.once('message', resolve);
    void closed.then((code) => reject(new Error(`${path} as ${role} closed with ${code}`)));
  });
  return { path, token, closed };
};

const openAll = (tag: string, more: object = {}): Promise<readonly Open[]> =>
  Promise.all(kinds(tag).map((kind) => open(kind, more)));

/** Codes of all, and how long it took until the last had ended. */
const ends = async (opened: readonly Open[]) => {
  const began = performance.now();
  const codes = await Promise.all(opened.map((it) => it.closed));
  return { codes, tookMs: performance.now() - began };
};

const opensAgain = ({ path, token }: Open): Promise<number> =>
  new Promise((resolve) => socketAt(path, token.token).once('close', resolve));

describe('a grant that ends', () => {
  it('[P17] by revoking: every kind of socket is closed (4401), and none opens again', async () => {
    const opened = await openAll('revoked');
    for (const { token } of opened) {
      expect((await f.ask('DELETE', `/api/v1/tokens/${token.tokenId}`)).status).toBe(204);
    }
    const { codes, tookMs } = await ends(opened);
    expect(codes).toEqual(opened.map(() => 4401));
    expect(tookMs).toBeLessThan(WITHIN_MS);
    expect(await Promise.all(opened.map(opensAgain))).toEqual(opened.map(() => 4401));
  });

  it('[P17] by its time: every kind of socket is closed (4401), and none opens again', async () => {
    const opened = await openAll('expired', { expiresAt: Date.now() + 3_600_000 });
    skew = 3_600_001;
    const { codes, tookMs } = await ends(opened);
    expect(codes).toEqual(opened.map(() => 4401));
    expect(tookMs).toBeLessThan(WITHIN_MS);
    expect(await Promise.all(opened.map(opensAgain))).toEqual(opened.map(() => 4401));
  });

  it('[P17] by revoking its node: every socket of the node is closed (4403), and no document opens to it again', async () => {
    const opened = await openAll('node');
    const nodes = opened.filter(({ token }) => token.nodeId !== null);
    for (const { token } of nodes) {
      const revoked = await f.ask('POST', `/api/v1/nodes/${token.nodeId}/revoke`, { body: { eventId: 'e1' } });
      expect(revoked.status, token.nodeId ?? '').toBe(200);
    }
    const { codes, tookMs } = await ends(nodes);
    expect(new Set(codes)).toEqual(new Set([4403]));
    expect(tookMs).toBeLessThan(WITHIN_MS);
    const documents = nodes.filter(({ path }) => path.startsWith('/docs/'));
    expect(await Promise.all(documents.map(opensAgain))).toEqual(documents.map(() => 4403));
  });

  it('[P17] cuts a peer that does not answer the closing handshake', async () => {
    const token = await make('operator');
    const socket: Socket = connect(f.port, '127.0.0.1');
    const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    const key = randomBytes(16).toString('base64');
    socket.write(
      'GET /docs/events/e1/setup HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\nAuthorization: Bearer ${token.token}\r\n\r\n`,
    );
    await new Promise((resolve) => socket.once('data', resolve));
    socket.resume();
    const began = performance.now();
    await f.ask('DELETE', `/api/v1/tokens/${token.tokenId}`);
    await ended;
    expect(performance.now() - began).toBeLessThan(WITHIN_MS);
  });

  it('[P17] [P14] ends a long poll that waits with it: what comes later is not for its bearer', async () => {
    await seedStream(f, 'e1', 'poll.mat', { 1: ['a'] });
    const forwarder = await createToken(f, 'forwarder', 'e1', 'poll');
    const node = await attachNode(f, forwarder, { nodeId: 'poll', eventId: 'e1', readers: ['mat'] });
    const token = await make('viewer');
    const targets = [{ streamId: 'poll.mat', epoch: 1 }];
    const body = { clock: { 'poll.mat': { 1: 1 } }, targets, waitMs: 20_000 };
    const poll = f.ask('POST', '/api/v1/events/e1/pull', { token: token.token, body });
    // the relay has looked at the poll before it takes what was sent after
    const seen = await f.ask('POST', '/api/v1/events/e1/pull', { token: token.token, body: { ...body, waitMs: 0 } });
    expect(seen.body).toMatchObject({ upToDate: true, batches: [] });
    await f.ask('DELETE', `/api/v1/tokens/${token.tokenId}`);
    await node.push(1, 2, ['secret read']);
    const answer = await poll;
    expect(answer).toMatchObject({ status: 401, body: { code: 'UNAUTHORIZED' } });
    await node.close();
  });

  it('[P17] an export that is being sent stops short when its token ends', async () => {
    const lines = Array.from({ length: 40_000 }, (_, at) => `line ${at} ${'x'.repeat(400)}`);
    await seedStream(f, 'e1', 'export.mat', { 1: lines });
    const token = await make('viewer');
    const response = await fetch(`${f.base}/api/v1/streams/export.mat/export.txt`, {
      headers: { Authorization: `Bearer ${token.token}` },
    });
    const reader = response.body?.getReader();
    await reader?.read();
    await f.ask('DELETE', `/api/v1/tokens/${token.tokenId}`);
    const rest = async (): Promise<void> => {
      while ((await reader?.read())?.done === false);
    };
    await expect(rest()).rejects.toThrow();
    expect(f.defects.splice(0)).toMatchObject([{ cause: expect.stringContaining('revoked') }]);
  });
});
