import { conversation, RECORDED_VERSIONS, saidBy } from '@baton/testkit/recorded';
import { describe, expect, it } from 'vitest';
import { decodeFrame } from '../../src/spectator/feed-body.ts';
import { type FeedState, headKey, takeFrame } from '../../src/spectator/feed-state.ts';

describe('the feed of an earlier relay', () => {
  it.each(RECORDED_VERSIONS)(
    '[P26] of version %s is read by a page of today: the whole, then what changed',
    (version) => {
      let state: FeedState | null = null;
      for (const text of saidBy('relay', conversation(version, 'spectator-feed'))) {
        const frame = decodeFrame(String(text));
        if (frame.type === 'unknown') continue;
        const step = takeFrame(state, frame);
        if (step.type !== 'held') throw new Error(`expected a held state, not ${step.type}`);
        state = step.state;
      }
      expect(state?.event).toMatchObject({ eventId: 'spring-run', status: 'running' });
      const [race] = state?.races ?? [];
      expect(race?.name).toBe('10 km');
      expect(state?.windows.get(headKey(race?.raceId ?? ''))?.rows).toMatchObject([
        { bib: '7', rank: 1, gunMs: 1_234_500 },
      ]);
    },
  );
});
