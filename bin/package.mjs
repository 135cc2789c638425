#!/usr/bin/env node
// `npm run package`: one file, baton-VERSION.tgz, that runs without the repository and without fetching anything.
// `--out DIR` puts it elsewhere than into dist/; `--no-setup` takes what is installed and built.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { stage } from './package/stage.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const run = (command, args) => {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (error !== undefined) throw new Error(`${command} cannot be run: ${error.message}`);
  if (status !== 0) throw new Error(`'${[command, ...args].join(' ')}' ended with ${status}`);
};

/** Files belong to root wherever they are unpacked, whoever packed them; the two tars say so differently. */
const owners = () => {
  const isGnu = String(spawnSync('tar', ['--version']).stdout).includes('GNU');
  return isGnu ? ['--owner=0', '--group=0', '--numeric-owner'] : ['--uid', '0', '--gid', '0'];
};

const pack = (folder, name, out) => {
  const file = join(out, `${name}.tgz`);
  run('tar', [...owners(), '-czf', file, '-C', folder, name]);
  const bytes = readFileSync(file);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  writeFileSync(`${file}.sha256`, `${sha256}  ${basename(file)}\n`);
  process.stdout.write(`packaged ${file} ${bytes.length} bytes sha256 ${sha256}\n`);
};

const main = ({ out, 'no-setup': ready }) => {
  if (!ready) run(process.execPath, [fileURLToPath(new URL('./setup.mjs', import.meta.url))]);
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const name = `baton-${version}`;
  const folder = mkdtempSync(join(tmpdir(), 'baton-package-'));
  try {
    stage(ROOT, join(folder, name));
    mkdirSync(out, { recursive: true });
    pack(folder, name, out);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const { values } = parseArgs({
  options: { out: { type: 'string', default: join(ROOT, 'dist') }, 'no-setup': { type: 'boolean', default: false } },
});
try {
  main({ ...values, out: resolve(values.out) });
} catch (error) {
  process.stderr.write(`package: ${error.message}\n`);
  process.exitCode = 1;
}
