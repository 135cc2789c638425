import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { type BrowserContext, chromium } from 'playwright-core';
import { BROWSER_FLAGS, executable } from './browser.ts';

/** A Chromium that a story may kill as a power button does: no goodbye, its profile as it lies on the disk. */
export interface KillableBrowser {
  readonly context: BrowserContext;
  /** SIGKILL to all its processes; resolves when it is gone. */
  readonly kill: () => Promise<void>;
}

const endpoint = (child: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    if (child.stderr === null) throw new Error('expected a pipe');
    createInterface({ input: child.stderr }).on('line', (line) => {
      const address = /^DevTools listening on (ws:\S+)$/.exec(line)?.[1];
      if (address !== undefined) resolve(address);
    });
    child.once('exit', (code) => reject(new Error(`the browser ended at its start: ${code}`)));
  });

/** Opens, or opens again, the browser with this profile. */
export const launchKillable = async (profile: string): Promise<KillableBrowser> => {
  const flags = [...BROWSER_FLAGS, '--headless=new', '--remote-debugging-port=0', `--user-data-dir=${profile}`];
  const child = spawn(executable(), [...flags, 'about:blank'], { detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const browser = await chromium.connectOverCDP(await endpoint(child));
  const [context] = browser.contexts();
  if (context === undefined) throw new Error('the browser has no context');
  return {
    context,
    kill: async () => {
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
        process.kill(-child.pid, 'SIGKILL');
      }
      await gone;
    },
  };
};
