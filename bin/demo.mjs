#!/usr/bin/env node
// `npm run demo`: makes a fresh clone ready, then runs a race in real processes until SIGINT or SIGTERM, or until nobody reads it.
// Only built-ins are imported here: before set-up there is nothing else. The script in package.json says
// `exec`, since npm hands a signal to its shell only, and the shell would not pass it on.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const SETUP = fileURLToPath(new URL('./setup.mjs', import.meta.url));

const stopped = new Promise((resolve) => {
  process.on('SIGINT', resolve);
  process.on('SIGTERM', resolve);
  // nobody reads what it says any more: without an end of its own, the programs it started would stay
  process.stdout.on('error', resolve);
});

const setUp = () => {
  const child = spawn(process.execPath, [SETUP], { stdio: ['ignore', 'inherit', 'inherit'] });
  const ended = new Promise((resolve) => child.once('close', (code) => resolve(code ?? 1)));
  return { ended, end: () => child.kill('SIGTERM') };
};

const main = async () => {
  const setup = process.argv.includes('--no-setup') ? { ended: Promise.resolve(0) } : setUp();
  const code = await Promise.race([setup.ended, stopped.then(() => 'stopped')]);
  if (code === 'stopped') {
    setup.end();
    return 0;
  }
  if (code !== 0) return code;
  const { runDemo } = await import('./demo/run.mjs');
  return runDemo(stopped);
};

process.exit(await main());
