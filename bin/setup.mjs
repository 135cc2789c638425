#!/usr/bin/env node
// Makes a fresh clone ready: dependencies, build, and with --browser a Chromium. Node built-ins only, since
// it runs before anything is installed; each step is skipped when its result is already there.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const LOCK = join(ROOT, 'package-lock.json');
const STAMP = join(ROOT, 'node_modules', '.baton-lock');
/** Where the browser stories look for the program. */
const CHROMIUM = join(ROOT, '.cache', 'chromium-path');
const OLDEST_NODE = [20, 19];
const MINUTES = 60_000;

const say = (line) => process.stdout.write(`setup: ${line}\n`);

/** Steps that run at the same time: none goes on after one failed. */
const running = new Set();

const fail = (line) => {
  for (const child of running) child.kill();
  process.stderr.write(`setup: ${line}\n`);
  process.exit(1);
};

/** Of what a step says this much is kept: its end tells why it failed. */
const KEPT = 1 << 20;

/** Runs quietly; what it said is shown only when it failed. */
const run = (command, args, limit = 20 * MINUTES) =>
  new Promise((resolve) => {
    // JOBS: SQLite is compiled here, on every core there is
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', NO_COLOR: '1', JOBS: 'max' };
    const child = spawn(command, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: limit });
    running.add(child);
    let text = '';
    const keep = (chunk) => {
      text = `${text}${chunk}`.slice(-KEPT);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const end = (ok, said) => {
      running.delete(child);
      resolve({ ok, text: said.trim() });
    };
    child.once('error', (error) => end(false, `${text}${error.message}`));
    child.once('close', (code, signal) => {
      const cut = signal === null ? '' : `\nended by ${signal}; it may take ${limit / MINUTES} min`;
      end(code === 0, `${text}${cut}`);
    });
  });

const timed = async (title, work) => {
  const started = performance.now();
  await work();
  say(`${title} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
};

const need = async (command, args, limit) => {
  const { ok, text } = await run(command, args, limit);
  if (!ok) fail(`'${[command, ...args].join(' ')}' failed:\n${text.split('\n').slice(-60).join('\n')}`);
};

const checkNode = () => {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const enough = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
  if (!enough) fail(`Node ${OLDEST_NODE.join('.')} or newer is needed, this is ${process.versions.node}`);
};

const lockHash = () => createHash('sha256').update(readFileSync(LOCK)).digest('hex');

/** An install by hand counts too: npm leaves its own lock file in node_modules. */
const installedByHand = () => {
  const hidden = join(ROOT, 'node_modules', '.package-lock.json');
  return !existsSync(STAMP) && existsSync(hidden) && statSync(hidden).mtimeMs >= statSync(LOCK).mtimeMs - 10_000;
};

const isInstalled = () => existsSync(STAMP) && readFileSync(STAMP, 'utf8') === lockHash();

/**
 * Fetches the packages and begins what some of them compile, which takes a core for a minute or two: the build, which
 * needs none of that, has the other.
 *
 * @returns resolves when all is compiled
 */
const install = async () => {
  if (isInstalled() || installedByHand()) {
    writeFileSync(STAMP, lockHash());
    return { compiled: Promise.resolve() };
  }
  await timed('dependencies fetched', () =>
    need('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']),
  );
  writeFileSync(STAMP, 'not compiled yet'); // a set-up that is cut here begins again
  // no links: those that the build uses are there, and stay
  const compile = async () => {
    await timed('dependencies compiled', () => need('npm', ['rebuild', '--no-bin-links', '--loglevel=error']));
    writeFileSync(STAMP, lockHash());
  };
  return { compiled: compile() };
};

const build = () => timed('built', () => need('npm', ['run', '--silent', 'build']));

const onPath = (name) =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .filter((path) => existsSync(path));

const playwrightsOwn = () => {
  try {
    const { chromium } = createRequire(join(ROOT, 'e2e', 'package.json'))('playwright-core');
    return [chromium.executablePath()].filter((path) => existsSync(path));
  } catch {
    return []; // not installed yet: nothing to offer
  }
};

const starts = async (path) => (await run(path, ['--version'], MINUTES)).ok;

const findChromium = async () => {
  const asked = process.env.BATON_CHROMIUM;
  if (asked !== undefined && asked !== '') {
    return (await starts(asked)) ? asked : fail(`BATON_CHROMIUM=${asked} does not start`);
  }
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const paths = ['/usr/bin/chromium', ...names.flatMap(onPath), ...playwrightsOwn()];
  for (const path of paths) if (existsSync(path) && (await starts(path))) return path;
  return undefined;
};

const installChromium = async () => {
  if (process.getuid?.() === 0 && onPath('apt-get').length > 0) {
    const apt = async (...args) => (await run('apt-get', args)).ok;
    const installed = (await apt('update')) && (await apt('install', '-y', '--no-install-recommends', 'chromium'));
    if (installed) return;
  }
  await run('npx', ['playwright-core', 'install', 'chromium']);
};

const browser = async () => {
  let path = await findChromium();
  if (path === undefined) {
    await timed('Chromium installed', installChromium);
    path = await findChromium();
  }
  if (path === undefined) fail('no Chromium found or installable; install one and name it in BATON_CHROMIUM');
  mkdirSync(join(ROOT, '.cache'), { recursive: true });
  writeFileSync(CHROMIUM, path);
  say(`browser ${path}`);
};

checkNode();
const { compiled } = await install();
const wantsBrowser = process.argv.includes('--browser');
// what fails first ends the set-up; nothing else is reported over it
await Promise.all([compiled, build(), wantsBrowser ? browser() : undefined]);
