#!/usr/bin/env node
// `npm run soak [-- MINUTES]`: looks for seeds on which a seeded or property test fails. Each round runs all such
// unit tests on a fresh seed until the time is up. `npm test` has one seed; one that fails here becomes a named case.
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SEEDED = /fast-check|withSeed|freshSeed/;

const testFiles = () =>
  ['schema', 'client-core', 'sync-server', 'web', 'testkit']
    .flatMap((name) => readdirSync(join(ROOT, name, 'test'), { recursive: true }).map((it) => join(name, 'test', it)))
    .filter((path) => path.endsWith('.test.ts') && SEEDED.test(readFileSync(join(ROOT, path), 'utf8')));

/** One round: resolves with what it printed, null when all passed. */
const round = (files, seed) =>
  new Promise((resolve, reject) => {
    const args = ['vitest', 'run', '--project', 'unit', '--reporter', 'dot', ...files];
    const env = { ...process.env, BATON_SEED: String(seed), NO_COLOR: '1' };
    const child = spawn('npx', args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for (const from of [child.stdout, child.stderr]) {
      from.on('data', (chunk) => {
        text = `${text}${chunk}`.slice(-200_000);
      });
    }
    child.once('error', reject);
    child.once('close', (code) => resolve(code === 0 ? null : text));
  });

const minutes = Number(process.argv[2] ?? 30);
if (!(minutes > 0)) {
  process.stderr.write(`soak: expected minutes, a number above 0, got '${process.argv[2]}'\n`);
  process.exit(2);
}
const files = testFiles();
const end = performance.now() + minutes * 60_000;
let failed = 0;
for (let rounds = 1; performance.now() < end; rounds += 1) {
  const seed = randomInt(2 ** 31);
  const said = await round(files, seed);
  process.stdout.write(`soak: round ${rounds}, seed ${seed}: ${said === null ? 'passed' : `FAILED\n${said}`}\n`);
  if (said !== null) failed += 1;
}
process.exit(failed === 0 ? 0 : 1);
