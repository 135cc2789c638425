import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { textOf } from '@baton/testkit/api';
import { openStage } from '../support/stage.ts';
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
  readonly pid: number;
  readonly dialect: DialectName;
  /** A document that nobody has used yet. */
  readonly fresh: () => Promise<DocAddress>;
  readonly stop: () => Promise<void>;
}

const MAIN = fileURLToPath(new URL('./peer-server.js', import.meta.url));
const LISTENING = /^listening http:\/\/([\d.]+):(\d+)$/;

const listening = (lines: NodeJS.ReadableStream): Promise<{ readonly host: string; readonly port: number }> =>
  new Promise((resolve) => {
    createInterface({ input: lines }).on('line', (line) => {
      const match = LISTENING.exec(line);
      if (match !== null) resolve({ host: match[1] ?? '', port: Number(match[2]) });
    });
  });

/** One of the servers that Baton's is compared with, in a process of its own. */
export const startPeerServer = async (
  which: 'hocuspocus' | 'y-websocket',
  args: readonly string[] = [],
): Promise<DocServer> => {
  const child = spawn(process.execPath, [MAIN, which, ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
  const { pid } = child;
  if (pid === undefined) throw new Error(`could not start ${which}`);
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const { host, port } = await listening(child.stdout);
  let made = 0;
  return {
    name: which,
    pid,
    dialect: which,
    fresh: async () => {
      const document = `bench-${++made}`;
      return { document, target: { host, port, path: `/${document}`, headers: {} } };
    },
    stop: async () => {
      process.kill(pid, 'SIGKILL');
      await exited;
    },
  };
};

/** More than any benchmark sends: what is measured is the fan-out, not the brake. */
const UNBRAKED = ['--doc-editor-messages', '1000000', '--doc-editor-bytes', '1000000000', '--doc-connections', '10000'];

/** A relay; a fresh document is the roster of a new event. */
export const startBaton = async (): Promise<DocServer> => {
  const stage = await openStage(UNBRAKED);
  const { hostname, port } = new URL(stage.url);
  const headers = { Authorization: `Bearer ${stage.adminToken}` };
  return {
    name: 'baton',
    pid: stage.relay.pid,
    dialect: 'y-websocket',
    fresh: async () => {
      const body = { title: 'Bench', date: '2026-04-12', timezone: 'UTC' };
      const document = `events/${textOf(await stage.api.must('POST', '/events', body), 'eventId')}/roster`;
      return { document, target: { host: hostname, port: Number(port), path: `/docs/${document}`, headers } };
    },
    stop: stage.dispose,
  };
};
