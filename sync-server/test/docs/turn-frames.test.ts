import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTurnFrames, type TurnFrames } from '../../src/docs/turn-frames.ts';
import { type PreparedFrame, payloadOf, prepareFrame } from '../../src/transport/prepared-frame.ts';

const PEERS = ['a', 'b', 'c', 'd'] as const;
type Peer = (typeof PEERS)[number];

type Step =
  | { readonly type: 'follow' | 'add' | 'forget'; readonly peer: Peer }
  | { readonly type: 'share'; readonly author: Peer | 'relay' }
  | { readonly type: 'take' };

const peer = fc.constantFrom(...PEERS);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ type: fc.constantFrom('follow', 'add', 'add', 'forget'), peer }),
  fc.record({ type: fc.constant('share'), author: fc.constantFrom('relay', ...PEERS) }),
  fc.constant({ type: 'take' } as const),
) as fc.Arbitrary<Step>;

const frame = (n: number): PreparedFrame => prepareFrame(Uint8Array.of(n >> 8, n & 255));
const numberOf = (it: PreparedFrame): number => {
  const [high = 0, low = 0] = payloadOf(it);
  return (high << 8) | low;
};

/** Written without turns: what each is told, one after another. */
const createModel = () => {
  const told = new Map<Peer, number[]>(PEERS.map((it) => [it, []]));
  const followers = new Set<Peer>();
  /** Of this turn, which is lost to who is forgotten before its end. */
  const kept = new Map<Peer, number>();
  const share = (n: number, author: string): void => {
    for (const who of followers) if (who !== author) told.get(who)?.push(n);
  };
  const forget = (who: Peer): void => {
    followers.delete(who);
    told.get(who)?.splice(kept.get(who) ?? 0);
  };
  return {
    told,
    run: (it: Step, n: number): void => {
      if (it.type === 'follow') followers.add(it.peer);
      if (it.type === 'add') told.get(it.peer)?.push(n);
      if (it.type === 'share') share(n, it.author);
      if (it.type === 'take') for (const who of PEERS) kept.set(who, told.get(who)?.length ?? 0);
      if (it.type === 'forget') forget(it.peer);
    },
  };
};

const apply = (turn: TurnFrames<Peer>, it: Step, n: number): void => {
  if (it.type === 'follow') turn.follow(it.peer);
  if (it.type === 'add') turn.add(it.peer, frame(n));
  if (it.type === 'forget') turn.forget(it.peer);
  if (it.type === 'share') turn.share(frame(n), it.author);
};

describe('createTurnFrames', () => {
  it('[P10] tells everybody everything that is theirs, once and in its order, however turns end', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const turn = createTurnFrames<Peer>();
        const model = createModel();
        const told = new Map<Peer, number[]>(PEERS.map((it) => [it, []]));
        const take = (): void => {
          const framesOf = turn.take();
          for (const who of PEERS) told.get(who)?.push(...framesOf(who).map(numberOf));
        };
        for (const [n, it] of [...steps, { type: 'take' } as const].entries()) {
          model.run(it, n);
          if (it.type === 'take') take();
          else apply(turn, it, n);
        }
        expect(told).toEqual(model.told);
      }),
      { numRuns: 500 },
    );
  });

  it('answers those who get the same with the same frames, so that they are joined once', () => {
    const turn = createTurnFrames<Peer>();
    for (const who of PEERS) turn.follow(who);
    turn.take();
    const saved = frame(9);
    turn.share(frame(1), 'a');
    turn.share(frame(2), 'relay');
    for (const who of PEERS) turn.add(who, saved);
    const framesOf = turn.take();
    expect(framesOf('b')).toBe(framesOf('c'));
    expect(framesOf('c')).toBe(framesOf('d'));
    expect(framesOf('a').map(numberOf)).toEqual([2, 9]);
    expect(framesOf('b').map(numberOf)).toEqual([1, 2, 9]);
  });
});
