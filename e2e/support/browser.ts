import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BrowserContext, chromium } from 'playwright-core';

const FOUND = fileURLToPath(new URL('../../.cache/chromium-path', import.meta.url));

/** Set-up looked for a Chromium, or installed one, and wrote down where. */
const executable = (): string => {
  const asked = process.env['BATON_CHROMIUM'];
  if (asked !== undefined && asked !== '') return asked;
  if (!existsSync(FOUND)) throw new Error('no browser known: run node bin/setup.mjs --browser first');
  return readFileSync(FOUND, 'utf8').trim();
};

const isRoot = (): boolean => process.getuid?.() === 0;

const FLAGS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-default-apps',
  '--disable-dev-shm-usage',
];

export interface Browser {
  /** One user's browser with its own storage. */
  readonly context: BrowserContext;
  readonly close: () => Promise<void>;
}

/** A headless Chromium with a fresh profile. */
export const launchBrowser = async (): Promise<Browser> => {
  const profile = mkdtempSync(join(tmpdir(), 'baton-browser-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: executable(),
    headless: true,
    args: [...FLAGS, ...(isRoot() ? ['--no-sandbox'] : [])],
    viewport: { width: 1280, height: 900 },
  });
  return {
    context,
    close: async () => {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
};
