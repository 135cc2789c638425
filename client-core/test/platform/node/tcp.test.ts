import { afterEach, describe, expect, it } from 'vitest';
import { createOpenTcp, listenTcp } from '../../../src/platform/node/tcp.ts';
import type { TcpConnection, TcpServer } from '../../../src/platform/tcp.ts';

const servers: TcpServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

const serve = async () => {
  const received: Buffer[] = [];
  const connections: TcpConnection[] = [];
  const closes: string[] = [];
  const waiting = new Set<() => void>();
  const changed = (): void => {
    for (const check of waiting) check();
  };
  const listening = await listenTcp({ host: '127.0.0.1', port: 0 }, (connection) => {
    connections.push(connection);
    changed();
    return {
      onData: (bytes) => {
        received.push(Buffer.from(bytes));
        changed();
      },
      onClose: (reason) => {
        closes.push(reason);
        changed();
      },
    };
  });
  if (!listening.ok) throw new Error(listening.error.message);
  servers.push(listening.value);
  const text = (): string => Buffer.concat(received).toString();
  const until = (condition: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const check = (): void => {
        if (!condition()) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
      check();
    });
  return { address: listening.value.address, connections, closes, text, until };
};

const connect = (port: number, connectTimeoutMs = 5000) => {
  const received: Buffer[] = [];
  let connection: TcpConnection | undefined;
  let onOpen: () => void = () => {};
  let onData: () => void = () => {};
  const opened = new Promise<void>((resolve) => {
    onOpen = resolve;
  });
  const data = new Promise<void>((resolve) => {
    onData = resolve;
  });
  const closed = new Promise<string>((resolve) => {
    connection = createOpenTcp({ connectTimeoutMs })(
      { host: '127.0.0.1', port },
      {
        onOpen,
        onData: (bytes) => {
          received.push(Buffer.from(bytes));
          onData();
        },
        onClose: resolve,
      },
    );
  });
  if (connection === undefined) throw new Error('no connection');
  return { connection, opened, data, closed, text: () => Buffer.concat(received).toString() };
};

describe('TCP of Node', () => {
  it('carries bytes both ways and closes after what was written', async () => {
    const server = await serve();
    const client = connect(server.address.port);
    await client.opened;
    client.connection.write(Buffer.from('hello'));
    client.connection.close();
    await server.until(() => server.closes.length === 1);
    expect(server.text()).toBe('hello');
    expect(await client.closed).toBe('the peer closed the connection');
  });

  it('a paused client reads nothing until it resumes', async () => {
    const server = await serve();
    const client = connect(server.address.port);
    await client.opened;
    client.connection.pause();
    await server.until(() => server.connections.length === 1);
    const big = Buffer.alloc(64 * 1024 * 1024, 'x');
    server.connections[0]?.write(big);
    expect(server.connections[0]?.bufferedAmount()).toBeGreaterThan(big.length / 4);
    expect(client.text()).toBe('');
    client.connection.resume();
    await client.data;
    client.connection.close();
    await client.closed;
  });

  it('says why a connection was not made', async () => {
    const server = await serve();
    const { port } = server.address;
    await Promise.all(servers.splice(0).map((it) => it.close()));
    expect(await connect(port).closed).toMatch(/ECONNREFUSED/);
  });

  it('a port in use is an error that names it', async () => {
    const server = await serve();
    const second = await listenTcp(server.address, () => ({ onData: () => {}, onClose: () => {} }));
    expect(second).toMatchObject({ ok: false, error: { type: 'port-in-use' } });
    expect(second.ok ? '' : second.error.message).toContain(String(server.address.port));
  });

  it('an address that is not this machine’s is an error, too', async () => {
    const listening = await listenTcp({ host: '192.0.2.1', port: 0 }, () => ({ onData: () => {}, onClose: () => {} }));
    expect(listening).toMatchObject({ ok: false, error: { type: 'cannot-listen' } });
  });

  it('closing a server cuts its connections', async () => {
    const server = await serve();
    const client = connect(server.address.port);
    await client.opened;
    await server.until(() => server.connections.length === 1);
    await Promise.all(servers.splice(0).map((it) => it.close()));
    await client.closed;
  });
});
