import { describe, expect, it } from 'vitest';
import { healthOnHeartbeat, judgeSilence, stateOf } from '../../src/nodes/liveness.ts';

const THRESHOLDS = { degradedMs: 30_000, offlineMs: 60_000 };

describe('silence', () => {
  it.each([
    ['online', 0, 'stays'],
    ['online', 30_000, 'stays'],
    ['online', 30_001, 'degraded'],
    ['degraded', 60_000, 'stays'],
    ['degraded', 60_001, 'offline'],
    ['offline', 1_000_000, 'stays'],
  ] as const)('[RN-11] of a node that is %s, %i ms: %s', (health, silenceMs, expected) => {
    const outcome = judgeSilence(health, silenceMs, THRESHOLDS);
    expect(outcome).toEqual(expected === 'stays' ? { type: 'stays' } : { type: 'becomes', health: expected });
  });

  it('[RN-12] that is longest is one transition, straight to offline', () => {
    expect(judgeSilence('online', 60_001, THRESHOLDS)).toEqual({ type: 'becomes', health: 'offline' });
  });

  it('[RN-13] never raises: a node that claimed to be degraded stays so while it is heard', () => {
    expect(judgeSilence('degraded', 0, THRESHOLDS)).toEqual({ type: 'stays' });
    expect(judgeSilence('offline', 0, THRESHOLDS)).toEqual({ type: 'stays' });
    expect(healthOnHeartbeat('online')).toBe('online');
  });
});

describe('the state of an attachment', () => {
  it.each([
    ['attached', false, 'online', 'registering'],
    ['attached', false, 'degraded', 'registering'],
    ['attached', false, 'offline', 'offline'],
    ['attached', true, 'online', 'online'],
    ['attached', true, 'degraded', 'degraded'],
    ['attached', true, 'offline', 'offline'],
    ['detached', true, 'online', 'offline'],
    ['revoked', true, 'online', 'revoked'],
  ] as const)('%s, declared %s, %s: %s', (standing, declared, health, expected) => {
    expect(stateOf({ standing, declared }, health)).toBe(expected);
  });
});
