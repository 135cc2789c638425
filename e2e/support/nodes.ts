import type { Program } from '@baton/testkit/programs';
import type { Stage } from './stage.ts';

export const ADMIN_TOKEN = 'e2e-admin-token-0123456789abcdef';

export interface Relay {
  readonly url: string;
  readonly port: number;
  readonly dataDir: string;
  readonly program: Program;
}

/** A relay on a free port, or on the port of one that was killed. */
export const startRelay = async (
  stage: Stage,
  options: { readonly dataDir?: string; readonly port?: number; readonly args?: readonly string[] } = {},
): Promise<Relay> => {
  const dataDir = options.dataDir ?? stage.folder('relay');
  const port = String(options.port ?? 0);
  const args = ['relay', '--port', port, '--data-dir', dataDir, '--admin-token', ADMIN_TOKEN, ...(options.args ?? [])];
  const program = stage.start(args);
  const match = await program.line(/^listening (http:\/\/[^\s:]+:(\d+))$/);
  return { url: match[1] ?? '', port: Number(match[2]), dataDir, program };
};

export interface Emulator {
  readonly address: string;
  readonly program: Program;
}

/** A reader on TCP that replays a file. */
export const startEmulator = async (stage: Stage, args: readonly string[]): Promise<Emulator> => {
  const program = stage.start(['emulate', '--port', '0', ...args]);
  const match = await program.line(/^listening (\S+:\d+)$/);
  return { address: match[1] ?? '', program };
};

export const startForwarder = async (
  stage: Stage,
  options: {
    readonly relay: string;
    readonly token: string;
    /** `NAME=HOST:PORT` each. */
    readonly readers: readonly string[];
    readonly journal: string;
    readonly args?: readonly string[];
  },
): Promise<Program> => {
  const readers = options.readers.flatMap((reader) => ['--reader', reader]);
  const args = ['forward', '--relay', options.relay, '--token', options.token, '--journal', options.journal];
  const program = stage.start([...args, ...readers, ...(options.args ?? [])]);
  await program.line(/^forwarding /);
  return program;
};

export interface Receiver {
  readonly control: string;
  readonly program: Program;
}

/** A receiver with its control API on a free port. */
export const startReceiver = async (
  stage: Stage,
  options: {
    readonly relay: string;
    readonly token: string;
    readonly dataDir: string;
    readonly args?: readonly string[];
  },
): Promise<Receiver> => {
  const args = ['receive', '--relay', options.relay, '--token', options.token, '--data-dir', options.dataDir];
  const program = stage.start([...args, '--control', '127.0.0.1:0', ...(options.args ?? [])]);
  const match = await program.line(/control (http:\/\/\S+:\d+)/);
  return { control: match[1] ?? '', program };
};
