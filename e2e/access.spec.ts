import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { createEvent } from './support/event.ts';
import { ADMIN_TOKEN, startForwarder, startRelay } from './support/nodes.ts';
import { startScriptedReader } from './support/scripted-reader.ts';
import { createStage } from './support/stage.ts';

const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());

/** Which files contain the text; forms that are easily taken back count, too. */
const filesWith = (folder: string, secret: string): readonly string[] => {
  const forms = [
    secret,
    Buffer.from(secret).toString('base64').replace(/=+$/, ''),
    Buffer.from(secret).toString('hex'),
  ];
  return filesIn(folder).filter((path) => {
    const bytes = readFileSync(path);
    return forms.some((form) => bytes.includes(form));
  });
};

/** A socket that is let in or not; either way it is over. */
const tryByWebSocket = (
  url: string,
  protocols: readonly string[],
  headers: Readonly<Record<string, string>>,
): Promise<void> =>
  new Promise((resolve) => {
    const socket = new WebSocket(url, [...protocols], { headers });
    socket.on('error', () => resolve());
    socket.once('message', () => socket.close());
    socket.once('close', () => resolve());
  });

/** Offers the secret wherever a client might, rightly and wrongly. */
const useEverywhere = async (base: string, eventId: string, secret: string): Promise<void> => {
  const bearer = { authorization: `Bearer ${secret}` };
  const json = { 'content-type': 'application/json' };
  const asked: readonly (readonly [string, RequestInit])[] = [
    ['/api/v1/me', { headers: bearer }],
    ['/api/v1/events', { headers: { authorization: `Basic ${secret}` } }],
    [`/api/v1/events/${eventId}?token=${secret}`, {}],
    [`/operate?token=${secret}`, {}],
    [`/${secret}`, { headers: bearer }],
    [`/api/v1/streams/${secret}/epochs`, { headers: bearer }],
    ['/api/v1/tokens', { method: 'POST', headers: { ...bearer, ...json }, body: JSON.stringify({ token: secret }) }],
    [`/api/v1/events/${eventId}/pull`, { method: 'POST', headers: { ...bearer, ...json }, body: `{"${secret}` }],
    ['/api/v1/me', { headers: { ...bearer, origin: `https://${secret.toLowerCase()}.example` } }],
  ];
  for (const [path, init] of asked) await (await fetch(`${base}${path}`, init)).text();
  const ws = base.replace('http', 'ws');
  for (const path of [`/docs/events/${eventId}/setup`, '/sync', '/ws/v1/forwarders', `/docs/${secret}`]) {
    await tryByWebSocket(`${ws}${path}?token=${secret}`, [], {});
    await tryByWebSocket(`${ws}/docs/events/${eventId}/setup`, ['baton.v1', `bearer.${secret}`], {});
    await tryByWebSocket(`${ws}/nowhere`, [], bearer);
  }
};

describe('a token', () => {
  it('[P14] is in no file, no log line and no output of the relay, whoever offers it where', async () => {
    const stage = createStage();
    const relay = await startRelay(stage);
    const event = await createEvent(relay.url);
    const journal = stage.folder('journal');
    const forwarderToken = await event.token('forwarder', 'mat-1');
    const reader = await startScriptedReader(stage.onEnd);
    const forwarder = await startForwarder(stage, {
      relay: relay.url,
      token: forwarderToken,
      readers: [`finish=${reader.address}`],
      journal,
    });
    await reader.connected();
    const secrets = [
      ADMIN_TOKEN,
      event.operatorToken,
      forwarderToken,
      await event.token('receiver', 'desk'),
      await event.token('viewer'),
      'a-wrong-token-of-somebody-0123456789',
    ];
    for (const secret of secrets) await useEverywhere(relay.url, event.eventId, secret);
    expect((await forwarder.end('SIGTERM')).code).toBe(0);
    expect((await relay.program.end('SIGTERM')).code).toBe(0);

    const said = [relay.program, forwarder].flatMap((it) => [...it.stdout(), ...it.stderr()]).join('\n');
    expect(said).toContain('relay started');
    for (const secret of secrets) {
      expect(said).not.toContain(secret);
      expect(filesWith(relay.dataDir, secret)).toEqual([]);
      expect(filesWith(journal, secret)).toEqual([]);
    }
    expect(filesWith(relay.dataDir, event.eventId).length).toBeGreaterThan(0);
  });

  it('of the admin, when the relay makes one, is shown once and kept for its owner’s eyes only', async () => {
    const stage = createStage();
    const dataDir = stage.folder('relay');
    const first = stage.start(['relay', '--port', '0', '--data-dir', dataDir]);
    const [, secret = ''] = await first.line(/^admin token: (\S+)$/);
    await first.end('SIGTERM');
    expect(first.stderr().join('\n')).not.toContain(secret);
    expect(filesWith(dataDir, secret)).toEqual([join(dataDir, 'admin-token')]);
    expect(statSync(join(dataDir, 'admin-token')).mode & 0o777).toBe(0o600);
    const second = stage.start(['relay', '--port', '0', '--data-dir', dataDir]);
    const [, url = ''] = await second.line(/^listening (\S+)$/);
    const me = await fetch(`${url}/api/v1/me`, { headers: { authorization: `Bearer ${secret}` } });
    expect(await me.json()).toMatchObject({ role: 'admin' });
    await second.end('SIGTERM');
    expect([...second.stdout(), ...second.stderr()].join('\n')).not.toContain(secret);
  });
});
