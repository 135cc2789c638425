import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Api, createApi, textOf } from '@baton/testkit/api';
import { type Program, startProgram } from '@baton/testkit/programs';

/** An option for Node: the relay's main thread has no priority over others. */
export const ORDINARY_PRIORITY = `--import ${new URL('./ordinary-priority.js', import.meta.url).href}`;

const LISTENING = /^listening (http:\/\/\S+)$/;
const ADMIN_TOKEN = 'bench-admin-token-0123456789abcdef';

/** A relay and one event of it, as whoever plays against it needs them; also from another process. */
export interface StageAccess {
  readonly url: string;
  readonly eventId: string;
  readonly api: Api;
  readonly adminToken: string;
  readonly token: (role: 'forwarder' | 'receiver' | 'operator', nodeId?: string) => Promise<string>;
}

/** What another process has to be told to have access. */
export type StageAddress = Pick<StageAccess, 'url' | 'eventId' | 'adminToken'>;

export const accessStage = ({ url, eventId, adminToken }: StageAddress): StageAccess => {
  const api = createApi(url, adminToken);
  return {
    url,
    eventId,
    api,
    adminToken,
    token: async (role, nodeId) => {
      const body = { role, eventId, ...(nodeId === undefined ? {} : { nodeId }) };
      return textOf(await api.must('POST', '/tokens', body), 'token');
    },
  };
};

/** A running relay with one event, and what was started beside it; all ended and wiped by `dispose`. */
export interface Stage extends StageAccess {
  readonly relay: Program;
  /** Kills the relay (-9) and starts it again on its port and data; resolves with it once it listens. */
  readonly restartRelay: () => Promise<Program>;
  readonly folder: (name: string) => string;
  readonly start: (args: readonly string[]) => Program;
  readonly dispose: () => Promise<void>;
}

/** Everything of one benchmark lives in one fresh folder. `relayOptions` and `relayEnv`: what its relay is told besides. */
export const openStage = async (
  relayOptions: readonly string[] = [],
  relayEnv: Readonly<Record<string, string>> = {},
): Promise<Stage> => {
  const root = await mkdtemp(join(tmpdir(), 'baton-bench-'));
  const programs: Program[] = [];
  const start = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Program => {
    const program = startProgram(args, { env });
    programs.push(program);
    return program;
  };
  const startRelay = (port: string): Program =>
    start(
      ['relay', '--port', port, '--data-dir', join(root, 'relay'), '--admin-token', ADMIN_TOKEN, ...relayOptions],
      relayEnv,
    );
  const relay = startRelay('0');
  const [, url = ''] = await relay.line(LISTENING);
  const api = createApi(url, ADMIN_TOKEN);
  const event = await api.must('POST', '/events', { title: 'Bench', date: '2026-04-12', timezone: 'UTC' });
  const eventId = textOf(event, 'eventId');
  return {
    ...accessStage({ url, eventId, adminToken: ADMIN_TOKEN }),
    relay,
    restartRelay: async () => {
      await relay.end('SIGKILL');
      const again = startRelay(new URL(url).port);
      await again.line(LISTENING);
      return again;
    },
    folder: (name) => join(root, name),
    start,
    dispose: async () => {
      for (const program of programs.reverse()) await program.end('SIGTERM');
      await rm(root, { recursive: true, force: true });
    },
  };
};
