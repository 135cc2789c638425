import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createAsk } from '../spectators/watchers.ts';
import type { StageAddress } from '../support/stage.ts';

export type PlayerCommand =
  | { readonly type: 'prepare'; readonly stage: StageAddress }
  | { readonly type: 'play'; readonly step: string };

export type PlayerEvent = { readonly type: 'done' } | { readonly type: 'failed'; readonly reason: string };

/** Who plays the steps against the relay, in a process of its own that takes no core from it. */
export interface Player {
  readonly prepare: (stage: StageAddress) => Promise<void>;
  readonly play: (step: string) => Promise<void>;
  readonly end: () => Promise<void>;
}

const MAIN = fileURLToPath(new URL('./player-main.js', import.meta.url));

export const startPlayer = (): Player => {
  const child = spawn(process.execPath, [MAIN], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const ask = createAsk<PlayerCommand, PlayerEvent>(child, 'player');
  return {
    prepare: async ({ url, eventId, adminToken }) => {
      await ask({ type: 'prepare', stage: { url, eventId, adminToken } }, 'done');
    },
    play: async (step) => {
      await ask({ type: 'play', step }, 'done');
    },
    end: async () => {
      child.stdin?.end();
      await exited;
    },
  };
};
