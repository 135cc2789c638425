import { describe, expect, it } from 'vitest';
import { createSocketNetwork, type SocketPair } from '../src/socket-pair.ts';

const open = () => {
  const network = createSocketNetwork();
  const events: string[] = [];
  const socket = network.openSocket(
    { url: 'ws://relay.test/sync', token: 't' },
    {
      onOpen: () => events.push('open'),
      onMessage: (data) => events.push(`message ${data}`),
      onClose: ({ code }) => events.push(`close ${code}`),
    },
  );
  return { network, events, socket, pair: network.latest() };
};

const openLive = () => {
  const it = open();
  it.pair.accept();
  it.network.flush();
  return it;
};

describe('socket pair', () => {
  it('moves nothing until the test says so, then in order', () => {
    const { network, events, socket, pair } = open();
    socket.send('too early');
    pair.accept();
    pair.send('a');
    pair.send({ type: 'b' });
    expect(events).toEqual([]);
    expect(network.flush()).toBe(3);
    expect(events).toEqual(['open', 'message a', 'message {"type":"b"}']);
    socket.send('up');
    expect([pair.arrived, socket.bufferedAmount(), pair.waiting('up')]).toEqual([[], 2, 1]);
    network.flush();
    expect([pair.arrived, socket.bufferedAmount()]).toEqual([['up'], 0]);
  });

  it('stalls a direction without losing anything', () => {
    const { network, events, pair } = openLive();
    pair.stall('down', true);
    pair.send('late');
    network.flush();
    expect(pair.deliver('down')).toBe(false);
    pair.stall('down', false);
    network.flush();
    expect(events).toEqual(['open', 'message late']);
  });

  it('a cut loses what was under way and is told to both; a vanished link only to the far end', () => {
    const ends: number[] = [];
    const network = createSocketNetwork((pair: SocketPair) => {
      pair.accept();
      return { onEnd: (code) => ends.push(code) };
    });
    const closes: number[] = [];
    const connect = () =>
      network.openSocket(
        { url: '', token: '' },
        { onOpen: () => {}, onMessage: () => {}, onClose: ({ code }) => closes.push(code) },
      );
    const first = connect();
    network.flush();
    first.send('lost');
    network.latest().cut();
    network.latest().cut();
    expect([network.flush(), network.latest().arrived, closes, ends]).toEqual([0, [], [1006], [1006]]);
    const second = connect();
    network.flush();
    network.latest().vanish();
    second.send('into the void');
    expect([network.flush(), closes, ends, network.latest().isOpen()]).toEqual([0, [1006], [1006, 1006], false]);
  });

  it.each(['near', 'far'] as const)('a close by the %s end comes after what was sent before it', (end) => {
    const { network, events, socket, pair } = openLive();
    if (end === 'near') {
      socket.send('last');
      socket.close(1000, '');
    } else {
      pair.send('last');
      pair.close(4401);
    }
    network.flush();
    expect(events.at(-1)).toBe(end === 'near' ? 'close 1000' : 'close 4401');
    expect(end === 'near' ? pair.arrived : events.slice(1, 2)).toEqual([end === 'near' ? 'last' : 'message last']);
  });
});
