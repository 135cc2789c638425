import { CLOSE } from '@baton/schema/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import * as Y from 'yjs';
import { createEvent, createToken, type RelayFixture, startRelay } from '../http/relay-fixture.ts';
import { syncFrame, until } from './doc-client.ts';

const relays: RelayFixture[] = [];
afterEach(async () => {
  for (const relay of relays.splice(0)) await relay.close();
});

const started = async (flags: Readonly<Record<string, string>>): Promise<RelayFixture> => {
  const relay = await startRelay({ flags });
  relays.push(relay);
  await createEvent(relay, 'e1');
  return relay;
};

const connect = (relay: RelayFixture, token: string): WebSocket =>
  new WebSocket(`${relay.base.replace('http', 'ws')}/docs/events/e1/setup`, {
    headers: { Authorization: `Bearer ${token}` },
  });

/** The last edit that the relay has. */
const lastOf = (doc: Y.Doc): number => {
  const last: unknown = doc.getMap('m').get('n');
  return typeof last === 'object' && last !== null && 'n' in last ? Number(last.n) : 0;
};

const opened = (socket: WebSocket): Promise<void> => new Promise((resolve) => socket.once('open', () => resolve()));
const closeOf = (socket: WebSocket): Promise<number> => new Promise((resolve) => socket.once('close', resolve));

/** So much text beside each number that one read from a socket holds some sixty updates, not thousands. */
const PADDING = 'x'.repeat(1000);

/** Updates of one writer, one for each edit. */
const updates = (count: number): readonly Uint8Array[] => {
  const doc = new Y.Doc();
  const made: Uint8Array[] = [];
  doc.on('update', (it: Uint8Array) => made.push(it));
  for (let n = 1; n <= count; n++) doc.getMap('m').set('n', { n, PADDING });
  return made;
};

describe('over a network', () => {
  it('[P19] too many messages are read later, and every one of them is', async () => {
    const relay = await started({ 'doc-editor-messages': '500' });
    const writer = connect(relay, await createToken(relay, 'operator', 'e1'));
    await opened(writer);
    const held = await relay.relay.core.docs.hold('events/e1/setup');
    const start = performance.now();
    for (const update of updates(3000)) writer.send(syncFrame(2, update));
    await until(() => lastOf(held.doc) === 3000);
    // 2,500 at once, and 500 more take a second, less what had been read when it was paused
    expect(performance.now() - start).toBeGreaterThan(700);
    expect(writer.readyState).toBe(writer.OPEN);
    held.release();
    writer.close();
  });

  it('[P17] a connection that is held back loses its token within 5 s like any other', async () => {
    const relay = await started({ 'doc-editor-messages': '10' });
    const made = await relay.ask('POST', '/api/v1/tokens', { body: { role: 'operator', eventId: 'e1' } });
    const { token, tokenId } = made.body as { token: string; tokenId: string };
    const writer = connect(relay, token);
    await opened(writer);
    const held = await relay.relay.core.docs.hold('events/e1/setup');
    for (const update of updates(300)) writer.send(syncFrame(2, update));
    await until(() => lastOf(held.doc) >= 50);
    held.release();
    const closed = closeOf(writer);
    const revoked = performance.now();
    await relay.ask('DELETE', `/api/v1/tokens/${tokenId}`);
    expect(await closed).toBe(CLOSE.unauthorized);
    expect(performance.now() - revoked).toBeLessThan(5000);
  });
});
