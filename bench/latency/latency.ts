import { connect, createServer, type Socket } from 'node:net';
import { renderIpicoLine } from '@baton/schema/reads';
import { type Benchmark, type Figures, now, quantile, rounded } from '../support/measure.ts';
import { openReader } from '../support/reader.ts';
import { openStage, type Stage } from '../support/stage.ts';

const WARM_UP = 100;
const LINES = 1000;
const EVERY_MS = 20;
const START = Date.UTC(2026, 3, 12, 9, 0, 0) / 10;

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });

const lineOf = (index: number): string =>
  renderIpicoLine({
    readerId: 0,
    tag: `0580${index.toString(16).padStart(8, '0')}`,
    iCount: 0,
    qCount: 1,
    wallHundredths: START + index * 2,
    extra: null,
    kind: 'RAW',
  });

/** Time from each line's write at the reader to its arrival at the receiver's TCP port, which serves committed rows only. */
const measure = (reader: Socket, scoring: Socket): Promise<readonly number[]> =>
  new Promise((resolve) => {
    const sentAt = new Map<string, number>();
    const delays: number[] = [];
    let sent = 0;
    let rest = '';
    scoring.setEncoding('latin1');
    scoring.on('data', (text: string) => {
      const lines = (rest + text).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) delays.push(now() - (sentAt.get(line) ?? Number.NaN));
      if (delays.length === WARM_UP + LINES) resolve(delays.slice(WARM_UP));
    });
    const timer = setInterval(() => {
      const line = lineOf(sent++);
      sentAt.set(line, now());
      reader.write(`${line}\r\n`);
      if (sent === WARM_UP + LINES) clearInterval(timer);
    }, EVERY_MS);
  });

const startNodes = async (stage: Stage, readerPort: number, tcpPort: number): Promise<void> => {
  const forwarder = stage.start([
    ...['forward', '--relay', stage.url, '--token', await stage.token('forwarder', 'f1')],
    ...['--reader', `mat=127.0.0.1:${readerPort}`, '--journal', stage.folder('journal')],
  ]);
  const receiver = stage.start([
    ...['receive', '--relay', stage.url, '--token', await stage.token('receiver', 'r1'), '--stream', 'f1.mat'],
    ...['--data-dir', stage.folder('replica'), '--tcp', `f1.mat=${tcpPort}`],
  ]);
  await Promise.all([forwarder.line(/^forwarding/), receiver.line(/^receiving/)]);
};

const connectTo = (port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.once('error', reject);
  });

const run = async (): Promise<Figures> => {
  const stage = await openStage();
  const reader = await openReader();
  try {
    const tcpPort = await freePort();
    await startNodes(stage, reader.port, tcpPort);
    const scoring = await connectTo(tcpPort);
    const delays = await measure(await reader.client, scoring);
    scoring.destroy();
    return {
      'line on TCP to row in the replica, p50 ms': rounded(quantile(delays, 0.5)),
      'line on TCP to row in the replica, p99 ms': rounded(quantile(delays, 0.99)),
    };
  } finally {
    reader.close();
    await stage.dispose();
  }
};

export const latency: Benchmark = {
  name: 'latency',
  method:
    `reader, forwarder, relay and receiver as real processes; ${LINES} lines, one each ${EVERY_MS} ms, after ${WARM_UP} to warm up; ` +
    'from the write at the reader to the arrival at the receiver’s TCP port, which serves only what its replica has committed',
  run,
};
