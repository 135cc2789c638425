import { existsSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type BrowserContext, chromium } from 'playwright-core';

const FOUND = fileURLToPath(new URL('../../../.cache/chromium-path', import.meta.url));

const executable = (): string => {
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
  ...(isRoot() ? ['--no-sandbox'] : []),
];

/** A headless Chromium whose storage lies in this folder. */
export const launchChromium = (profile: string): Promise<BrowserContext> =>
  chromium.launchPersistentContext(profile, { executablePath: executable(), headless: true, args: [...FLAGS] });

interface ProcessFacts {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

const processFacts = async (pid: number): Promise<ProcessFacts | null> => {
  const [command, stat] = await Promise.all([
    readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => null),
    readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null),
  ]);
  if (command === null || stat === null) return null;
  return { pid, parent: Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]), command };
};

const allProcesses = async (): Promise<readonly ProcessFacts[]> => {
  const names = await readdir('/proc').catch(() => []);
  const facts = await Promise.all(names.filter((it) => /^\d+$/.test(it)).map((it) => processFacts(Number(it))));
  return facts.filter((it) => it !== null);
};

const proportionalBytes = async (pid: number): Promise<number> => {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024;
};

/** Memory of the largest of the browser's renderers, shared pages by their share (PSS); Linux only, else null. */
export const rendererBytes = async (profile: string): Promise<number | null> => {
  const all = await allProcesses();
  const own = new Set(
    all.filter(({ command }) => command.includes(`--user-data-dir=${profile}`)).map(({ pid }) => pid),
  );
  // parents are found before their children after as many rounds as the tree is deep
  for (let depth = 0; depth < 4; depth++) for (const it of all) if (own.has(it.parent)) own.add(it.pid);
  const renderers = all.filter(({ pid, command }) => own.has(pid) && command.includes('--type=renderer'));
  const sizes = await Promise.all(renderers.map(({ pid }) => proportionalBytes(pid)));
  return sizes.length === 0 ? null : Math.max(...sizes);
};
