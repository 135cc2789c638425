import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BrowserContext, chromium } from 'playwright-core';

const FOUND = fileURLToPath(new URL('../../.cache/chromium-path', import.meta.url));

/** Set-up looked for a Chromium, or installed one, and wrote down where. */
export const executable = (): string => {
  const asked = process.env['BATON_CHROMIUM'];
  if (asked !== undefined && asked !== '') return asked;
  if (!existsSync(FOUND)) throw new Error('no browser known: run node bin/setup.mjs --browser first');
  return readFileSync(FOUND, 'utf8').trim();
};

const isRoot = (): boolean => process.getuid?.() === 0;

const FLAGS: readonly string[] = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-default-apps',
  '--disable-dev-shm-usage',
];

/** Flags of every browser that a story starts. */
export const BROWSER_FLAGS: readonly string[] = [...FLAGS, ...(isRoot() ? ['--no-sandbox'] : [])];

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
    args: [...BROWSER_FLAGS],
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

/** A browser process for a whole file of stories. */
export interface SharedBrowser {
  /** Somebody with storage of their own. */
  readonly person: () => Promise<BrowserContext>;
  readonly close: () => Promise<void>;
}

export const launchShared = async (): Promise<SharedBrowser> => {
  const browser = await chromium.launch({ executablePath: executable(), headless: true, args: [...BROWSER_FLAGS] });
  return { person: () => browser.newContext(), close: () => browser.close() };
};
