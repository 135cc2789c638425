import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createAsk } from './watchers.ts';

export type RawCommand = {
  readonly type: 'write';
  readonly bytes: number;
  readonly frames: number;
  readonly everyMs: number;
};

export type RawEvent = { readonly type: 'listening'; readonly port: number } | { readonly type: 'written' };

/** A process that does nothing but write the same bytes to every TCP connection that it took. */
export const startRawWriter = async () => {
  const main = fileURLToPath(new URL('./raw-writer-main.js', import.meta.url));
  const child = spawn(process.execPath, [main], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const ask = createAsk<RawCommand | { readonly type: 'listen' }, RawEvent>(child, 'raw writer');
  const { port } = await ask({ type: 'listen' }, 'listening');
  return {
    port,
    pid: child.pid ?? 0,
    write: async (command: Omit<RawCommand, 'type'>): Promise<void> => {
      await ask({ type: 'write', ...command }, 'written');
    },
    end: async (): Promise<void> => {
      child.stdin?.end();
      await exited;
    },
  };
};
