import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { PeerSocket } from '../../src/transport/peer-socket.ts';
import { sharePause } from '../../src/transport/shared-pause.ts';

const socketWith = (pausing: Partial<PeerSocket>): PeerSocket => ({
  send: () => {},
  close: () => {},
  bufferedAmount: () => 0,
  onMessage: () => {},
  onClose: () => {},
  onDrain: () => {},
  ...pausing,
});

it('[P18] nothing is read while any of several holds the peer back', () => {
  const step = fc.record({ who: fc.nat(2), what: fc.constantFrom('pause' as const, 'resume' as const) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      let paused = false;
      const share = sharePause(
        socketWith({
          pause: () => {
            paused = true;
          },
          resume: () => {
            paused = false;
          },
        }),
      );
      const views = [share(), share(), share()];
      const holds = [false, false, false];
      for (const { who, what } of steps) {
        views[who]?.[what]?.();
        holds[who] = what === 'pause';
        expect(paused).toBe(holds.some((it) => it));
      }
    }),
  );
});

it('leaves a socket alone that cannot be held back', () => {
  const socket = socketWith({});
  expect(sharePause(socket)()).toBe(socket);
});
