import { createVirtualTime } from '@baton/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDocPeers, type DocPeer } from '../../src/docs/doc-peers.ts';
import { prepareFrame } from '../../src/transport/prepared-frame.ts';

const numberOf = (payload: string | Uint8Array): number => (Number(payload[0]) << 8) | Number(payload[1]);
const frame = (n: number, size = 2) =>
  prepareFrame(Uint8Array.from({ length: size }, (_, at) => [n >> 8, n & 255][at] ?? 0));

interface Reader {
  readonly peer: DocPeer;
  /** Numbers of the frames that it was sent. */
  readonly got: number[];
}

const newReader = (): Reader => {
  const got: number[] = [];
  const socket = {
    send: (payload: string | Uint8Array) => void got.push(numberOf(payload)),
    close: () => {},
    bufferedAmount: () => 0,
    onMessage: () => {},
    onClose: () => {},
    onDrain: () => {},
  };
  return { got, peer: { socket, confirmsSaves: false, allowance: 0, lastSentAt: 0 } as unknown as DocPeer };
};

/** A document's connections, `visits` written to in a turn; turns come when they are told to. */
const open = (visits?: number) => {
  const ends: (() => void)[] = [];
  const { timers } = createVirtualTime();
  const afterTurn = (run: () => void): void => void ends.push(run);
  const limits = visits === undefined ? undefined : { turnVisits: visits, turnMs: 1_000_000 };
  const peers = createDocPeers({ timers, afterTurn, maxBufferedBytes: 1, gatherMs: 0 }, limits);
  return {
    peers,
    waits: () => ends.length > 0,
    turn: () => {
      for (const run of ends.splice(0)) run();
    },
  };
};

const settle = ({ turn, waits }: ReturnType<typeof open>): void => {
  while (waits()) turn();
};

type Kind = 'join' | 'turn' | 'leave' | 'send' | 'large' | 'share';
interface Step {
  readonly type: Kind;
  readonly who: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  type: fc.constantFrom<Kind>('join', 'join', 'turn', 'turn', 'leave', 'send', 'large', 'share', 'share'),
  who: fc.nat(20),
});

/** More than is gathered before it is written at once. */
const LARGE = 300_000;

/** Plays steps at a document's connections, and notes what each is to be told. */
const createPlay = (room: ReturnType<typeof open>) => {
  const here: (Reader & { readonly told: number[] })[] = [];
  const gone: (Reader & { readonly told: number[] })[] = [];

  const join = (): void => {
    const reader = { ...newReader(), told: [] };
    here.push(reader);
    room.peers.add(reader.peer);
    room.peers.follow(reader.peer);
  };

  const leave = (at: number): void => {
    const [reader] = here.splice(at, 1);
    if (reader === undefined) return;
    gone.push(reader);
    room.peers.remove(reader.peer);
  };

  const send = (at: number, n: number, size: number): void => {
    const reader = here[at];
    if (reader === undefined) return;
    reader.told.push(n);
    room.peers.send(reader.peer, frame(n, size));
  };

  const share = (at: number, n: number): void => {
    for (const [index, { told }] of here.entries()) if (index !== at) told.push(n);
    room.peers.broadcast(frame(n), here[at]?.peer ?? null);
  };

  const run = ({ type, who }: Step, n: number): void => {
    const at = who % Math.max(1, here.length);
    if (type === 'turn') room.turn();
    if (type === 'join') join();
    if (type === 'leave') leave(at);
    if (type === 'send') send(at, n, 2);
    if (type === 'large') send(at, n, LARGE);
    if (type === 'share') share(at, n);
  };
  return { here, gone, run };
};

describe('the connections of a document', () => {
  it('[P16] a change for thousands is written in turns of a thousand writes, and the next one follows in order', () => {
    const room = open();
    const readers = Array.from({ length: 2500 }, newReader);
    for (const { peer } of readers) {
      room.peers.add(peer);
      room.peers.follow(peer);
    }
    const written = (): number => readers.reduce((sum, { got }) => sum + got.length, 0);
    room.peers.broadcast(frame(1), null);
    const sums: number[] = [];
    for (let turn = 0; turn < 3; turn++) {
      room.turn();
      sums.push(written());
      if (turn === 0) room.peers.broadcast(frame(2), null);
    }
    expect(sums).toEqual([1000, 2000, 2500]);
    settle(room);
    for (const { got } of readers) expect(got).toEqual([1, 2]);
  });

  it('[P16] more than may wait is not waited with: the rest of the turn before is written at once', () => {
    const room = open(1);
    const readers = Array.from({ length: 10 }, newReader);
    for (const { peer } of readers) {
      room.peers.add(peer);
      room.peers.follow(peer);
    }
    room.peers.broadcast(frame(1), null);
    room.turn();
    expect(readers.map(({ got }) => got.length)).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    room.peers.broadcast(frame(2, 9_000_000), null);
    expect(readers.every(({ got }) => got[0] === 1)).toBe(true);
    settle(room);
    for (const { got } of readers) expect(got).toEqual([1, 2]);
  });

  it('[P10] everybody gets all that is theirs, once and in its order, whoever comes, leaves or writes between two turns of a write', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), fc.integer({ min: 1, max: 5 }), (steps, visits) => {
        const room = open(visits);
        const { here, gone, run } = createPlay(room);
        for (const [n, it] of steps.entries()) run(it, n);
        settle(room);
        for (const { got, told } of here) expect(got).toEqual(told);
        for (const { got, told } of gone) expect(got).toEqual(told.slice(0, got.length));
      }),
    );
  });
});
