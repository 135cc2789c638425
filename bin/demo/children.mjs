import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const BATON = fileURLToPath(new URL('../baton', import.meta.url));
const START_MS = 60_000;
/** A `baton` ends within 5 s of a signal by itself; this is for one that does not. */
const KILL_MS = 6_000;

const isRunning = (child) => child.exitCode === null && child.signalCode === null;

const end = async ({ child, exited }) => {
  if (isRunning(child)) child.kill('SIGTERM');
  const watchdog = setTimeout(() => child.kill('SIGKILL'), KILL_MS);
  await exited;
  clearTimeout(watchdog);
};

/**
 * The demo's own `baton` processes, each with a log file. They are ended by their ids, the last
 * started first, so that the relay goes last.
 *
 * @param {string} logs folder of the log files
 * @param {(name: string, how: string) => void} onLost one of them ended that should not have
 */
export const createChildren = (logs, onLost) => {
  mkdirSync(logs, { recursive: true });
  const running = [];
  let ending = false;

  const start = (name, args) => {
    const log = openSync(join(logs, `${name}.log`), 'a');
    const child = spawn(process.execPath, [BATON, ...args], { stdio: ['ignore', 'pipe', log] });
    const lines = createInterface({ input: child.stdout });
    const exited = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        closeSync(log);
        resolve(`ended with ${code ?? signal}`);
      });
    });
    running.push({ child, exited });
    lines.on('line', (line) => writeSync(log, `${line}\n`));
    void exited.then((how) => ending || onLost(name, how));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${name} said nothing for ${START_MS / 1000} s`)), START_MS);
      lines.once('line', (line) => {
        clearTimeout(timer);
        resolve(line);
      });
      void exited.then((how) => {
        clearTimeout(timer);
        reject(new Error(`${name} ${how}; ${join(logs, `${name}.log`)} says why`));
      });
    });
  };

  const endAll = async () => {
    ending = true;
    const [relay, ...nodes] = running;
    await Promise.all(nodes.map(end));
    if (relay !== undefined) await end(relay);
  };

  return { start, endAll };
};
