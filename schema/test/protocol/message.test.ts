import { describe, expect, it } from 'vitest';
import {
  CLOSE,
  ClientVersion,
  DownMessageSchema,
  isPermanentClose,
  type UpMessageInput,
  UpMessageSchema,
} from '../../src/protocol/index.ts';

const hello: UpMessageInput = { type: 'hello', protocol: 1, eventId: 'spring' as never, clientVersion: '0.1' };

describe('messages to the relay', () => {
  it.each<UpMessageInput>([
    hello,
    { type: 'select', selection: { mode: 'race', raceId: 'r1', epochScope: 'all' }, clock: { 'box-1.a': { 1: 5 } } },
    { type: 'credit', reads: 1 },
    { type: 'ack', entries: [] },
    { type: 'epochOpened', streamId: 'box-1.a' as never, epoch: 2 },
    { type: 'heartbeat' },
    { type: 'capabilities', capabilities: { any: [1, null, { deep: true }] } },
    { type: 'detach' },
  ])('can be $type', (message) => {
    expect(UpMessageSchema.parse(message).type).toBe(message.type);
  });

  it('fill in what a hello leaves out', () => {
    expect(UpMessageSchema.parse(hello)).toEqual({ ...hello, capabilities: {}, health: 'online', readers: [] });
  });

  it('ignore fields they do not know', () => {
    expect(UpMessageSchema.parse({ type: 'credit', reads: 5, later: true })).toEqual({ type: 'credit', reads: 5 });
  });

  it.each([
    null,
    [],
    'hello',
    {},
    { type: 'later' },
    { type: 'toString' },
    { ...hello, protocol: 0 },
    { ...hello, eventId: '../x' },
    { ...hello, nodeId: '' },
    { ...hello, readers: [''] },
    { ...hello, readers: Array.from({ length: 65 }, (_, index) => `r${index}`) },
    { ...hello, health: 'offline' },
    { ...hello, capabilities: Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`c${index}`, 1])) },
    { type: 'credit', reads: 0 },
    { type: 'credit', reads: 1e9 },
    { type: 'credit', reads: '5' },
    { type: 'ack', entries: [{ streamId: 'box-1.a', epoch: 0, seq: 1 }] },
    { type: 'ack', entries: [{ streamId: 'box-1.a', epoch: 1, seq: -1 }] },
    { type: 'ack', entries: [{ streamId: 'box-1.a', epoch: 1, seq: 2 ** 53 }] },
    { type: 'select', selection: { mode: 'race', raceId: 'r1' } },
    { type: 'detach', reason: 'x'.repeat(513) },
  ])('cannot be %j', (message) => {
    expect(UpMessageSchema.safeParse(message).success).toBe(false);
  });

  it.each(['0.0', '1.0', '99.99', '1.10', '10.0'])('[RN-08] %s is a client version', (version) => {
    expect(ClientVersion.safeParse(version).success).toBe(true);
  });

  it.each(['1', '1.2.3', '01.2', '1.02', 'v1.0', '', '1.', '.1', '-1.0', '1.0 ', `1.${'0'.repeat(63)}1`, '1.0\n'])(
    '[RN-08] %j is none',
    (version) => {
      expect(ClientVersion.safeParse(version).success).toBe(false);
    },
  );
});

describe('messages from the relay', () => {
  it.each([
    { type: 'pushed', entries: [{ pushId: 1, outcome: 'conflict', head: 5, seq: 3, nextEpoch: 2 }] },
    { type: 'pushed', entries: [{ pushId: 2, outcome: 'refused', error: { code: 'STORAGE_FULL', message: 'full' } }] },
    { type: 'caughtUp', clock: {} },
    { type: 'heartbeat', serverTime: 5 },
    { type: 'error', error: { code: 'PROTOCOL_ERROR', message: 'no', retryable: false, details: { at: 1 } } },
  ])('can be %j', (message) => {
    expect(DownMessageSchema.parse(message)).toEqual(message);
  });

  it('[P26] can carry a code of a later version', () => {
    const message = { type: 'error', error: { code: 'FROM_A_LATER_VERSION', message: 'new' } };
    expect(DownMessageSchema.parse(message)).toEqual(message);
  });

  it.each([
    { type: 'pushed', entries: [{ pushId: 1, outcome: 'lost' }] },
    { type: 'error', error: { code: 'no code', message: '' } },
  ])('cannot be %j', (message) => {
    expect(DownMessageSchema.safeParse(message).success).toBe(false);
  });
});

describe('close codes', () => {
  it('are permanent from 4400 to 4499, as y-websocket clients hold it', () => {
    const permanent = Object.entries(CLOSE).flatMap(([name, code]) => (isPermanentClose(code) ? [name] : []));
    expect(permanent).toEqual(['badFrame', 'unauthorized', 'forbidden', 'unknown', 'fenced', 'tooLarge', 'rate']);
    expect(new Set(Object.values(CLOSE)).size).toBe(Object.keys(CLOSE).length);
  });
});
