import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { renderIpicoLine } from '@baton/schema/reads';
import { createApi, textOf } from '@baton/testkit/api';
import { describe, expect, it } from 'vitest';
import { startEmulator, startForwarder, startReceiver } from './support/nodes.ts';
import { createStage, type Stage } from './support/stage.ts';
import { until } from './support/until.ts';

const PACKAGE = fileURLToPath(new URL('../bin/package.mjs', import.meta.url));
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  readonly version: string;
};

const mustRun = (command: string, args: readonly string[]): string => {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}: ${stderr}`);
  return stdout;
};

/** Makes the package, unpacks it where nothing else is, puts `baton` on the path. */
const install = (stage: Stage): string => {
  mustRun(process.execPath, [PACKAGE, '--no-setup', '--out', stage.folder('out')]);
  const out = readdirSync(stage.root).find((name) => name.startsWith('out-')) ?? '';
  const tarball = join(stage.root, out, `baton-${version}.tgz`);
  mustRun('tar', ['-xzf', tarball, '-C', stage.root]);
  symlinkSync(join(stage.root, `baton-${version}`, 'bin/baton'), join(stage.root, 'baton'));
  return tarball;
};

const READS = Array.from({ length: 3 }, (_, index) =>
  renderIpicoLine({
    readerId: 9,
    tag: `05800000000${index}`,
    iCount: 1,
    qCount: 2,
    wallHundredths: 180_000_000_042 + index,
    extra: null,
    kind: 'RAW',
  }),
);

/** Runs a command that prints one line. */
const ask = async (stage: Stage, args: readonly string[], env: Record<string, string> = {}): Promise<string> => {
  const program = stage.start(args, env);
  const { code } = await program.exited;
  expect([code, program.stderr()], args.join(' ')).toEqual([0, []]);
  return program.stdout()[0] ?? '';
};

/** The relay's own words at its first start, with a file for its options. */
const startFirst = async (stage: Stage) => {
  const dataDir = join(stage.root, 'data');
  const config = join(stage.root, 'relay.json');
  writeFileSync(config, JSON.stringify({ port: 0, 'data-dir': dataDir, lan: true }, null, 2));
  const relay = stage.start(['relay', '--config', config]);
  const [, port = ''] = await relay.line(/^listening http:\/\/0\.0\.0\.0:(\d+)$/);
  const [, token = ''] = await relay.line(/^admin token: (\S+)$/);
  await relay.line(/^on this network: /);
  const url = `http://127.0.0.1:${port}`;
  expect(relay.stdout().slice(2, 4)).toEqual([`admin page: ${url}/admin#token=${token}`, `data directory: ${dataDir}`]);
  return { relay, url, token };
};

/** A page and the scripts that it names. */
const loadPage = async (url: string): Promise<void> => {
  const page = await fetch(url);
  expect([url, page.status]).toEqual([url, 200]);
  const scripts = [...(await page.text()).matchAll(/<script[^>]+src="([^"]+)"/g)].map((it) => it[1] ?? '');
  expect(scripts.length).toBeGreaterThan(0);
  for (const script of scripts) expect((await fetch(new URL(script, url))).status, script).toBe(200);
};

describe('the package', () => {
  it('runs where the repository is not: a relay with its pages, a forwarder, a receiver', async () => {
    const stage = createStage('baton');
    const tarball = install(stage);
    const names = mustRun('tar', ['-tzf', tarball]).trim().split('\n');
    expect(names.filter((it) => !it.startsWith(`baton-${version}/`) || it.endsWith('.ts'))).toEqual([]);
    expect(names.filter((it) => /\/node_modules\/(?:vite|vitest|typescript|prebuild-install)\//.test(it))).toEqual([]);
    expect(await ask(stage, ['--version'])).toBe(version);

    const { relay, url, token } = await startFirst(stage);
    for (const path of ['/', '/operate', '/receive']) await loadPage(`${url}${path}`);
    const made = ['event', 'create', '--title', 'Harbour run', '--date', '2026-05-17', '--timezone', 'Europe/Oslo'];
    const eventId = await ask(stage, made, { BATON_RELAY: url, BATON_TOKEN: token });
    const api = createApi(url, token);
    const mint = async (role: string, nodeId: string): Promise<string> =>
      textOf(await api.must('POST', '/tokens', { role, eventId, nodeId }), 'token');
    const [forwarder, receiver] = await Promise.all([mint('forwarder', 'mat-1'), mint('receiver', 'desk')]);

    const lines = join(stage.root, 'lines.txt');
    writeFileSync(lines, READS.map((line) => `${line}\r\n`).join(''));
    const emulator = await startEmulator(stage, ['--reads', lines, '--rate', '100']);
    await startForwarder(stage, {
      relay: url,
      token: forwarder,
      readers: [`finish=${emulator.address}`],
      journal: join(stage.root, 'journal'),
    });
    const { control } = await startReceiver(stage, {
      relay: url,
      token: receiver,
      dataDir: join(stage.root, 'desk'),
      args: ['--stream', 'mat-1.finish'],
    });
    await until('the receiver holds what the reader said', async () => {
      const status = await (await fetch(`${control}/api/v1/status`)).json();
      return (status as { streams: { held: number }[] }).streams.some(({ held }) => held === READS.length);
    });
    expect(String(await api.bytes('/streams/mat-1.finish/export.txt'))).toBe(`${READS.join('\n')}\n`);
    await api.must('PATCH', `/events/${eventId}/status`, { status: 'startlist' });
    await until('the relay draws what spectators see first', async () =>
      (await (await fetch(`${url}/e/${eventId}`)).text()).includes('<h1>Harbour run 2026</h1>'),
    );
    expect(await relay.end('SIGTERM')).toEqual({ code: 0, signal: null });
    const again = stage.start(['relay', '--config', join(stage.root, 'relay.json')]);
    await again.line(/^on this network: /);
    expect(again.stdout().join('\n')).not.toContain(token);
    // stderr is what services log
    expect([...relay.stderr(), ...again.stderr()].join('\n')).not.toContain(token);

    const madeFor = join(stage.root, `baton-${version}`, 'made-for.json');
    const was = JSON.parse(readFileSync(madeFor, 'utf8')) as Record<string, unknown>;
    writeFileSync(madeFor, JSON.stringify({ ...was, arch: 'riscv64' }));
    const elsewhere = stage.start(['--version']);
    expect(await elsewhere.exited).toMatchObject({ code: 1 });
    expect(elsewhere.stderr()).toEqual([
      expect.stringMatching(
        /^baton: this package was made for linux-riscv64, .*: make a package on a machine like this one/,
      ),
    ]);
  });
});
