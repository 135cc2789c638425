import { silentLog } from '@baton/schema/ports';
import { createVirtualTime } from '@baton/testkit';
import { describe, expect, it } from 'vitest';
import { createEmulator } from '../../src/emulator/emulator.ts';
import { type Pace, replay } from '../../src/emulator/line-source.ts';
import type { TcpConnection } from '../../src/platform/tcp.ts';

const lines = (count: number, length = 4): Uint8Array[] =>
  Array.from({ length: count }, (_, index) => Buffer.from(String(index + 1).padStart(length, '0')));

const setUp = (count: number, pace: Pace = { type: 'rate', linesPerSecond: 10 }, length = 4) => {
  const time = createVirtualTime();
  const emulator = createEmulator({ timers: time.timers, log: silentLog }, replay(lines(count, length), pace, false));
  const connect = () => {
    const received: string[] = [];
    const state = { stuck: false, buffered: 0, closed: false };
    const connection: TcpConnection = {
      peer: 'test',
      write: (bytes) => {
        received.push(Buffer.from(bytes).toString());
        if (state.stuck) state.buffered += bytes.length;
      },
      bufferedAmount: () => state.buffered,
      pause: () => {},
      resume: () => {},
      close: () => {
        state.closed = true;
        events.onClose('closed');
      },
    };
    const events = emulator.accept(connection);
    return {
      text: () => received.join(''),
      lines: () => received.join('').split('\r\n').slice(0, -1).map(Number),
      stick: () => {
        state.stuck = true;
      },
      drain: () => {
        state.stuck = false;
        state.buffered = 0;
        events.onDrain?.();
      },
      buffered: () => state.buffered,
      isClosed: () => state.closed,
      leave: () => events.onClose('gone'),
    };
  };
  return { time, emulator, connect };
};

describe('emulated reader', () => {
  it('begins when the first client connects, each line with CRLF', () => {
    const { time, connect, emulator } = setUp(3);
    time.advance(10_000);
    expect(emulator.sent()).toBe(0);
    const client = connect();
    expect(client.text()).toBe('0001\r\n');
    time.advance(100);
    expect(client.text()).toBe('0001\r\n0002\r\n');
    time.advance(10_000);
    expect(client.text()).toBe('0001\r\n0002\r\n0003\r\n');
    expect(emulator.isDone()).toBe(true);
    expect(time.pending()).toBe(0);
  });

  it('a later client joins the running stream', () => {
    const { time, connect } = setUp(10);
    const first = connect();
    time.advance(450);
    const second = connect();
    time.advance(10_000);
    expect(first.lines()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(second.lines()).toEqual([6, 7, 8, 9, 10]);
  });

  it('stands still while nobody is connected, and goes on where it was', () => {
    const { time, connect } = setUp(6);
    const first = connect();
    time.advance(250);
    first.leave();
    time.advance(60_000);
    const second = connect();
    expect([first.lines(), second.lines()]).toEqual([[1, 2, 3], []]);
    time.advance(50);
    expect(second.lines()).toEqual([4]);
    time.advance(1000);
    expect(second.lines()).toEqual([4, 5, 6]);
  });

  it('[P18] stands still while its only client takes nothing: little waits, nothing is lost', () => {
    const { time, connect } = setUp(5000, { type: 'rate', linesPerSecond: 1000 }, 98);
    const client = connect();
    client.stick();
    time.advance(60_000);
    expect(client.buffered()).toBeLessThan(70_000);
    client.drain();
    time.advance(60_000);
    expect(client.lines()).toHaveLength(5000);
  });

  it('[P18] drops a client that falls far behind the others', () => {
    const { time, connect } = setUp(60_000, { type: 'rate', linesPerSecond: 10_000 }, 98);
    const slow = connect();
    slow.stick();
    const quick = connect();
    time.advance(60_000);
    expect(slow.isClosed()).toBe(true);
    expect(slow.buffered()).toBeLessThan(5 * 1024 * 1024);
    expect(quick.lines().at(-1)).toBe(60_000);
  });

  it('keeps a high rate without a timer a line', () => {
    const { time, connect } = setUp(20_000, { type: 'rate', linesPerSecond: 100_000 });
    const client = connect();
    time.advance(200);
    expect(client.lines()).toHaveLength(20_000);
  });
});
