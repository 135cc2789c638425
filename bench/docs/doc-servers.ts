import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { textOf } from '@baton/testkit/api';
import { ORDINARY_PRIORITY, openStage } from '../support/stage.ts';
import type { DialectName } from './dialect.ts';
import type { SocketTarget } from './wire.ts';

/** A document and how its socket is asked for. */
export interface DocAddress {
  readonly target: SocketTarget;
  readonly document: string;
}

/** A running document server. */
export interface DocServer {
  readonly name: string;
  readonly pid: () => number;
  readonly dialect: DialectName;
  /** A document that nobody has used yet. */
  readonly fresh: () => Promise<DocAddress>;
  /** Kills it (-9) and starts it again on its port and what it has on disk. */
  readonly restart: () => Promise<void>;
  /** The last lines of its stderr. */
  readonly stderr: () => readonly string[];
  readonly stop: () => Promise<void>;
}

const MAIN = fileURLToPath(new URL('./peer-server.js', import.meta.url));
const LISTENING = /^listening http:\/\/([\d.]+):(\d+)$/;
const KEPT_LINES = 100;

interface Running {
  readonly pid: number;
  readonly host: string;
  readonly port: number;
  readonly kill: () => Promise<void>;
}

const keepLast = (lines: string[], line: string): void => {
  lines.push(line);
  if (lines.length > KEPT_LINES) lines.shift();
};

const listening = (child: ChildProcess): Promise<{ readonly host: string; readonly port: number }> =>
  new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the server ended with ${code} before it listened`)));
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).on('line', (line) => {
      const match = LISTENING.exec(line);
      if (match !== null) resolve({ host: match[1] ?? '', port: Number(match[2]) });
    });
  });

const startProcess = async (args: readonly string[], stderr: string[]): Promise<Running> => {
  const child = spawn(process.execPath, ['--inspect-port=0', MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const { pid } = child;
  if (pid === undefined) throw new Error(`could not start ${args[0]}`);
  createInterface({ input: child.stderr }).on('line', (line) => keepLast(stderr, line));
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const { host, port } = await listening(child);
  const kill = async (): Promise<void> => {
    process.kill(pid, 'SIGKILL');
    await exited;
  };
  return { pid, host, port, kill };
};

/** One of the servers that Baton's is compared with, in a process of its own. */
export const startPeerServer = async (which: 'hocuspocus' | 'y-websocket', file = ''): Promise<DocServer> => {
  const stderr: string[] = [];
  let running = await startProcess([which, '0', file], stderr);
  let made = 0;
  return {
    name: which,
    pid: () => running.pid,
    dialect: which,
    fresh: async () => {
      const document = `bench-${++made}`;
      const { host, port } = running;
      return { document, target: { host, port, path: `/${document}`, headers: {} } };
    },
    restart: async () => {
      await running.kill();
      running = await startProcess([which, String(running.port), file], stderr);
    },
    stderr: () => stderr,
    stop: () => running.kill(),
  };
};

/** More than any benchmark sends: what is measured is the fan-out, not the brake. */
const UNBRAKED = ['--doc-editor-messages', '1000000', '--doc-editor-bytes', '1000000000', '--doc-connections', '10000'];

/** A relay, at the priority that its peers have; a fresh document is the roster of a new event. */
export const startBaton = async (): Promise<DocServer> => {
  const stage = await openStage(UNBRAKED, { NODE_OPTIONS: `--inspect-port=0 ${ORDINARY_PRIORITY}` });
  let { relay } = stage;
  const { hostname, port } = new URL(stage.url);
  const headers = { Authorization: `Bearer ${stage.adminToken}`, 'Sec-WebSocket-Protocol': 'baton.v1' };
  return {
    name: 'baton',
    pid: () => relay.pid,
    dialect: 'y-websocket',
    fresh: async () => {
      const body = { title: 'Bench', date: '2026-04-12', timezone: 'UTC' };
      const document = `events/${textOf(await stage.api.must('POST', '/events', body), 'eventId')}/roster`;
      return { document, target: { host: hostname, port: Number(port), path: `/docs/${document}`, headers } };
    },
    restart: async () => {
      relay = await stage.restartRelay();
    },
    stderr: () => relay.stderr(),
    stop: stage.dispose,
  };
};

/** All three, one after another. */
export const startServers = async (): Promise<readonly DocServer[]> => [
  await startBaton(),
  await startPeerServer('hocuspocus'),
  await startPeerServer('y-websocket'),
];

/** The same connection as a client of stock y-websocket, which is not told of saves. */
export const asStock = (address: DocAddress): DocAddress => {
  const { 'Sec-WebSocket-Protocol': _, ...headers } = address.target.headers;
  return { ...address, target: { ...address.target, headers } };
};
