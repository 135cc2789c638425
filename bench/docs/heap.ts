import WebSocket from 'ws';
import type { DocServer } from './doc-servers.ts';

const LISTENING = /^Debugger listening on (ws:\/\/\S+)$/;
const LOOK_MS = 20;
const WAIT_MS = 10_000;

/** Where the debugger of a Node process listens, woken by SIGUSR1; it was started with `--inspect-port=0`. */
const inspectorOf = (server: DocServer): Promise<string> =>
  new Promise((resolve, reject) => {
    const end = performance.now() + WAIT_MS;
    process.kill(server.pid(), 'SIGUSR1');
    const look = (): void => {
      const url = server
        .stderr()
        .map((line) => LISTENING.exec(line)?.[1])
        .findLast((it) => it !== undefined);
      if (url !== undefined) resolve(url);
      else if (performance.now() > end) reject(new Error(`${server.name} has no inspector`));
      else setTimeout(look, LOOK_MS);
    };
    look();
  });

interface Answer {
  readonly id: number;
  readonly result?: { readonly result?: { readonly value?: unknown } };
}

/** Bytes of the heap in use, after two collections. Everything of the measured process is then what it holds on to. */
export const heapBytes = async (server: DocServer): Promise<number> => {
  const socket = new WebSocket(await inspectorOf(server), { perMessageDeflate: false });
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  let last = 0;
  const ask = (method: string, params: object = {}): Promise<Answer> =>
    new Promise((resolve) => {
      const id = ++last;
      const listen = (data: Buffer): void => {
        const answer = JSON.parse(data.toString()) as Answer;
        if (answer.id !== id) return;
        socket.off('message', listen);
        resolve(answer);
      };
      socket.on('message', listen);
      socket.send(JSON.stringify({ id, method, params }));
    });
  await ask('HeapProfiler.collectGarbage');
  await ask('HeapProfiler.collectGarbage');
  const expression = '(({ heapUsed, external }) => heapUsed + external)(process.memoryUsage())';
  const answer = await ask('Runtime.evaluate', { expression, returnByValue: true });
  socket.close();
  return Number(answer.result?.result?.value);
};
