import { decodeBatch } from '@baton/schema/reads';
import { conversation, RECORDED_VERSIONS, saidBy } from '@baton/testkit/recorded';
import { describe, expect, it } from 'vitest';
import { parseDownFrame } from '../../src/connection/down-frame.ts';
import { createHeldCollection } from '../../src/live-client/held-collection.ts';

const parsed = (version: string, name: 'sync-forwarder' | 'sync-receiver') =>
  saidBy('relay', conversation(version, name)).map(parseDownFrame);

const messagesOf = (version: string, name: 'sync-forwarder' | 'sync-receiver') =>
  parsed(version, name).flatMap((it) => (it.type === 'message' ? [it.message] : []));

describe.each(RECORDED_VERSIONS)('a relay of version %s', (version) => {
  it('[P26] is understood by a forwarder: its place, its outcomes, its commands', () => {
    const frames = parsed(version, 'sync-forwarder');
    expect(new Set(frames.map((it) => it.type))).toEqual(new Set(['message']));
    const messages = messagesOf(version, 'sync-forwarder');
    expect(messages[0]).toMatchObject({
      type: 'welcome',
      readOnly: false,
      streams: [{ streamId: 'gate.mat', reader: 'mat', epoch: 1, head: 0 }],
      limits: { maxBatchReads: 1024, maxPushesInFlight: 16 },
    });
    const outcomes = messages.flatMap((it) => (it.type === 'pushed' ? it.entries : []));
    expect(outcomes.at(-1)).toMatchObject({ outcome: 'accepted', head: 20 });
    expect(messages.find((it) => it.type === 'epochCommand')).toMatchObject({ streamId: 'gate.mat', epoch: 2 });
  });

  it('[P3] [P26] is understood by a receiver: targets, every read once and in order, the end of history', () => {
    const lines: string[] = [];
    for (const frame of parsed(version, 'sync-receiver')) {
      expect(['message', 'reads']).toContain(frame.type);
      if (frame.type !== 'reads') continue;
      const batch = decodeBatch(frame.frame.batch);
      if (!batch.ok) throw new Error(batch.error.message);
      expect(frame.frame.firstSeq).toBe(lines.length + 1);
      for (let at = 0; at < batch.value.count; at++) lines.push(new TextDecoder().decode(batch.value.rawAt(at)));
    }
    expect(lines).toHaveLength(20);
    expect(lines[0]).toMatch(/^aa00000005800000/);
    const messages = messagesOf(version, 'sync-receiver');
    expect(messages.find((it) => it.type === 'applied')).toMatchObject({
      targets: [
        { streamId: 'gate.mat', epoch: 1, head: 20, sealed: true },
        { streamId: 'gate.mat', epoch: 2, head: 0 },
      ],
    });
    expect(messages.find((it) => it.type === 'caughtUp')).toMatchObject({ clock: { 'gate.mat': { 1: 20 } } });
  });

  it('[P26] is understood by a follower of a collection: snapshot and change become what is held', () => {
    const held = createHeldCollection();
    const taken = saidBy('relay', conversation(version, 'live')).map((it) => held.take(it).type);
    expect(taken).not.toContain('refused');
    expect(taken).toContain('current');
    expect([...held.documents().values()].map((it) => it['name']).sort()).toEqual(['10 km', '5 km']);
    expect(held.place()).not.toBeNull();
  });
});
