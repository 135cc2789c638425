#!/usr/bin/env node
// Makes a fresh clone ready: dependencies, build, and with --browser a Chromium. Node built-ins only, since
// it runs before anything is installed; each step is skipped when its result is already there.
import { spawnSync } from 'node:child_process';
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

const fail = (line) => {
  process.stderr.write(`setup: ${line}\n`);
  process.exit(1);
};

/** Runs quietly; what it said is shown only when it failed. */
const run = (command, args, limit = 10 * MINUTES) => {
  // JOBS: SQLite is compiled here, on every core there is
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', NO_COLOR: '1', JOBS: 'max' };
  const options = { cwd: ROOT, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: limit };
  const { status, stdout, stderr, error } = spawnSync(command, args, { ...options, maxBuffer: 64 << 20 });
  return { ok: status === 0, text: `${stdout ?? ''}${stderr ?? ''}${error === undefined ? '' : error.message}`.trim() };
};

const timed = (title, work) => {
  const started = performance.now();
  work();
  say(`${title} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
};

const need = (command, args, limit) => {
  const { ok, text } = run(command, args, limit);
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

const install = () => {
  if (!isInstalled() && !installedByHand()) {
    timed('dependencies installed', () => need('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']));
  }
  writeFileSync(STAMP, lockHash());
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

const starts = (path) => run(path, ['--version'], MINUTES).ok;

const findChromium = () => {
  const asked = process.env.BATON_CHROMIUM;
  if (asked !== undefined && asked !== '') {
    return starts(asked) ? asked : fail(`BATON_CHROMIUM=${asked} does not start`);
  }
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  return ['/usr/bin/chromium', ...names.flatMap(onPath), ...playwrightsOwn()].find(
    (path) => existsSync(path) && starts(path),
  );
};

const installChromium = () => {
  if (process.getuid?.() === 0 && onPath('apt-get').length > 0) {
    const installed =
      run('apt-get', ['update']).ok && run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium']).ok;
    if (installed) return;
  }
  run('npx', ['playwright-core', 'install', 'chromium']);
};

const browser = () => {
  let path = findChromium();
  if (path === undefined) {
    timed('Chromium installed', installChromium);
    path = findChromium();
  }
  if (path === undefined) fail('no Chromium found or installable; install one and name it in BATON_CHROMIUM');
  mkdirSync(join(ROOT, '.cache'), { recursive: true });
  writeFileSync(CHROMIUM, path);
  say(`browser ${path}`);
};

checkNode();
install();
build();
if (process.argv.includes('--browser')) browser();
