import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_BACKOFF } from '../../src/connection/backoff.ts';
import {
  type ConnectionInput,
  type ConnectionState,
  type ConnectionStep,
  stepConnection,
} from '../../src/connection/connection-state.ts';

const step = (state: ConnectionState, input: ConnectionInput): ConnectionStep =>
  stepConnection(state, input, DEFAULT_BACKOFF);

const closed = (code: number): ConnectionInput => ({ type: 'closed', code, reason: 'gone', now: 1000, random: 0.5 });
const broken: ConnectionInput = { type: 'broken', reason: 'silence', now: 1000, random: 0.5 };

describe('connection state', () => {
  it('goes from offline to live', () => {
    const connecting = step({ type: 'offline' }, { type: 'connect' });
    expect(connecting).toEqual({ state: { type: 'connecting', attempt: 0 }, effects: [{ type: 'openSession' }] });
    const greeting = step(connecting.state, { type: 'opened' });
    expect(greeting).toEqual({ state: { type: 'greeting', attempt: 0 }, effects: [{ type: 'sayHello' }] });
    expect(step(greeting.state, { type: 'welcomed' })).toEqual({ state: { type: 'live', attempt: 0 }, effects: [] });
  });

  it.each([1000, 1001, 1006, 1013, 4508])('waits after close code %i', (code) => {
    expect(step({ type: 'live', attempt: 2 }, closed(code))).toEqual({
      state: { type: 'waiting', attempt: 3, retryAt: 3000, reason: 'gone' },
      effects: [{ type: 'retryAfter', ms: 2000 }],
    });
  });

  it.each([4400, 4401, 4403, 4404, 4409, 4413, 4429])('[P8] stops for good after close code %i', (code) => {
    expect(step({ type: 'greeting', attempt: 2 }, closed(code))).toEqual({
      state: { type: 'stopped', code, reason: 'gone' },
      effects: [],
    });
  });

  it('counts failures in a row until the session settles', () => {
    let state: ConnectionState = { type: 'connecting', attempt: 0 };
    const waits: number[] = [];
    for (let round = 0; round < 7; round++) {
      const next = step(state, broken);
      for (const effect of next.effects) if (effect.type === 'retryAfter') waits.push(effect.ms);
      state = step(next.state, { type: 'retryDue' }).state;
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
    expect(step({ type: 'live', attempt: 7 }, { type: 'settled' }).state).toEqual({ type: 'live', attempt: 0 });
  });

  it('a welcome alone does not forget failures: a relay that dies after each welcome is not hammered', () => {
    expect(step({ type: 'greeting', attempt: 4 }, { type: 'welcomed' }).state).toEqual({ type: 'live', attempt: 4 });
  });

  it('detaches only from a live session', () => {
    expect(step({ type: 'live', attempt: 0 }, { type: 'disconnect' }).effects).toEqual([
      { type: 'leaveSession', detach: true },
    ]);
    expect(step({ type: 'greeting', attempt: 0 }, { type: 'disconnect' }).effects).toEqual([
      { type: 'leaveSession', detach: false },
    ]);
  });

  it('a person may try again while waiting or stopped', () => {
    const waiting: ConnectionState = { type: 'waiting', attempt: 3, retryAt: 9, reason: '' };
    expect(step(waiting, { type: 'connect' }).state).toEqual({ type: 'connecting', attempt: 3 });
    const stopped: ConnectionState = { type: 'stopped', code: 4401, reason: '' };
    expect(step(stopped, { type: 'connect' }).state).toEqual({ type: 'connecting', attempt: 0 });
  });

  it('opens a session only from a state without one, whatever comes', () => {
    const input = fc.constantFrom<ConnectionInput>(
      { type: 'connect' },
      { type: 'disconnect' },
      { type: 'opened' },
      { type: 'welcomed' },
      { type: 'settled' },
      { type: 'retryDue' },
      closed(1006),
      closed(4401),
      broken,
    );
    const withSession = new Set(['connecting', 'greeting', 'live']);
    fc.assert(
      fc.property(fc.array(input, { maxLength: 60 }), (inputs) => {
        let state: ConnectionState = { type: 'offline' };
        for (const it of inputs) {
          const next = step(state, it);
          const opens = next.effects.some((effect) => effect.type === 'openSession');
          expect(opens).toBe(withSession.has(next.state.type) && !withSession.has(state.type));
          state = next.state;
        }
      }),
    );
  });
});
