import { pairKey } from '@baton/schema/reads';
import { ok } from '@baton/schema/result';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeCheckpoint, encodeCheckpoint } from '../../src/live/checkpoint.ts';
import type { Projection } from '../../src/live/consumer.ts';
import { countByChip, createStage, startCaughtUp } from './support/live-stage.ts';
import { PAIR } from './support/log-source.ts';

const laps = countByChip('laps');
const clock = new Map([[pairKey(PAIR.streamId, 1), 7]]);
const stored = encodeCheckpoint(laps, { state: { a: 7 }, clock });

/** Chips seen, as a set: no JSON by itself. */
const chipSet = (decode: (json: unknown) => Set<string> | null): Projection<Set<string>> => ({
  name: 'chips',
  version: '1',
  initial: () => new Set(),
  apply: (chips, item) => (item.type === 'read' && item.chip !== null ? chips.add(item.chip) : chips),
  codec: { encode: (chips) => [...chips], decode },
});

const setOf = (json: unknown): Set<string> | null => (Array.isArray(json) ? new Set(json.map(String)) : null);

describe('checkpoints', () => {
  it('come back as they were', () => {
    expect(decodeCheckpoint(laps, stored)).toEqual(ok({ state: { a: 7 }, clock }));
  });

  it('[EF-20] with a flipped bit anywhere are corrupt, as is any other text', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: stored.length - 1 }), fc.integer({ min: 0, max: 6 }), (at, bit) => {
        const flipped = String.fromCharCode(stored.charCodeAt(at) ^ (1 << bit));
        const text = stored.slice(0, at) + flipped + stored.slice(at + 1);
        expect(decodeCheckpoint(laps, text)).toMatchObject({ ok: false, error: { type: 'corrupt' } });
      }),
    );
    fc.assert(fc.property(fc.string(), (text) => !decodeCheckpoint(laps, text).ok));
  });

  it('[EF-20] of another version, or another consumer, are not read', () => {
    expect(decodeCheckpoint(countByChip('laps', '2'), stored)).toMatchObject({ error: { type: 'other-version' } });
    expect(decodeCheckpoint(countByChip('others'), stored)).toMatchObject({ error: { type: 'other-version' } });
  });

  it('[EF-20] that are unusable cost nothing but time: the state is computed anew', async () => {
    for (const spoil of [(text: string) => text.replace('"a":2', '"a":3'), () => 'nonsense', () => '']) {
      const stage = createStage({ projections: [laps] });
      stage.log.append(PAIR, ['a', 'a']);
      await (await startCaughtUp(stage)).shutdown();
      const saved = await stage.store.load('laps');
      await stage.store.save('laps', spoil(saved.ok ? (saved.value ?? '') : ''));
      const again = stage.open();
      await startCaughtUp({ ...stage, live: again });
      expect(await again.liveProjection(laps)).toEqual(ok({ a: 2 }));
    }
  });

  it('[EF-20] of a changed fold are computed anew from the first read', async () => {
    const stage = createStage({ projections: [laps] });
    stage.log.append(PAIR, ['a', 'a']);
    await (await startCaughtUp(stage)).shutdown();
    const doubled: Projection<number> = {
      name: 'laps',
      version: '2',
      initial: () => 0,
      apply: (sum, item) => (item.type === 'read' ? sum + 10 : sum),
    };
    const next = createStage({ projections: [doubled], store: stage.store, on: stage });
    await startCaughtUp(next);
    expect(await next.live.liveProjection(doubled)).toEqual(ok(20));
  });

  it('keep states that are no JSON by their own codec, and drop one that it does not know', async () => {
    const chips = chipSet(setOf);
    const stage = createStage({ projections: [chips] });
    stage.log.append(PAIR, ['a', 'b']);
    await (await startCaughtUp(stage)).shutdown();
    const again = stage.open();
    await startCaughtUp({ ...stage, live: again });
    expect(await again.liveProjection(chips)).toEqual(ok(new Set(['a', 'b'])));
    const text = await stage.store.load('chips');
    expect(
      decodeCheckpoint(
        chipSet(() => null),
        text.ok ? (text.value ?? '') : '',
      ),
    ).toMatchObject({ error: { type: 'other-state' } });
  });
});
