import { spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { STOP_WITHIN_MS } from '../../../client-core/src/cli/run-cli.ts';
import { STEPS_AHEAD } from '../../../sync-server/src/platform/main-thread.ts';
import { readYaml, valueAt } from './block-yaml.ts';
import { configWith, isThere, optionsOfVariables, scripts, textOf, version } from './repository.ts';

type Instruction = readonly [name: string, rest: string];

const KNOWN = ['ARG', 'CMD', 'COPY', 'ENTRYPOINT', 'ENV', 'EXPOSE', 'FROM', 'HEALTHCHECK', 'RUN', 'STOPSIGNAL', 'USER'];

const instructionsOf = (text: string): readonly Instruction[] =>
  text
    .split('\n')
    .filter((line) => !/^\s*(?:#|$)/.test(line))
    .join('\n')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => {
      const [name = '', ...rest] = line.split(' ');
      return [name, rest.join(' ')] as const;
    });

const DOCKERFILE = instructionsOf(textOf('deploy/Dockerfile'));
const lastStage = DOCKERFILE.slice(DOCKERFILE.findLastIndex(([name]) => name === 'FROM'));
const of = (instructions: readonly Instruction[], wanted: string): readonly string[] =>
  instructions.filter(([name]) => name === wanted).map(([, rest]) => rest);

const splitAt = (assignment: string): readonly [name: string, value: string] => {
  const [name = '', ...value] = assignment.split('=');
  return [name, value.join('=')];
};

const variables = (): Readonly<Record<string, string>> =>
  Object.fromEntries(of(lastStage, 'ENV').flatMap((rest) => rest.split(/\s+/).map((it) => splitAt(it))));

describe('the Dockerfile', () => {
  it('is made of known instructions, in stages that are there and use one Node', () => {
    const others = DOCKERFILE.map(([name]) => name).filter((it) => ![...KNOWN, 'VOLUME', 'WORKDIR'].includes(it));
    expect(others).toEqual([]);
    expect(of(DOCKERFILE, 'FROM')).toEqual([
      expect.stringMatching(/^node:\$\{NODE\} AS build$/),
      expect.stringMatching(/^node:\$\{NODE\}-slim$/),
    ]);
    expect(of(DOCKERFILE, 'ARG')).toEqual([expect.stringMatching(/^NODE=2\d-bookworm$/)]);
    for (const copy of of(lastStage, 'COPY')) expect(copy).toMatch(/^--from=build \/opt\/baton /);
  });

  it('[P16] gives Node the options that the service gives it', () => {
    const [, options] = /^Environment=NODE_OPTIONS=(.*)$/m.exec(textOf('deploy/baton-relay.service')) ?? [];
    expect(options).toBe('--max-semi-space-size=4');
    expect(variables()['NODE_OPTIONS']).toBe(options);
    const { status } = spawnSync(process.execPath, ['-e', ''], { env: { NODE_OPTIONS: options } });
    expect(status).toBe(0);
  });

  it('packs with a script that is there, and hands the builder nothing that a clone does not have', () => {
    const [packs] = of(DOCKERFILE, 'RUN');
    expect(packs).toMatch(/^npm run package -- --out \/out$/);
    expect(scripts).toHaveProperty('package');
    const ignored = textOf('deploy/Dockerfile.dockerignore').split('\n');
    expect(ignored).toEqual(expect.arrayContaining(['.git', '**/node_modules', '**/dist', 'data']));
    // all workspaces are in the lock file and in the build
    for (const folder of ['schema', 'client-core', 'sync-server', 'web', 'testkit', 'e2e', 'bench', 'docs', 'deploy'])
      expect(ignored).not.toContain(folder);
  });

  it('runs as somebody who is not root, who owns nothing but the data', () => {
    expect(of(lastStage, 'USER')).toEqual(['node']);
    const names = lastStage.map(([name]) => name);
    expect(names.indexOf('USER')).toBeGreaterThan(names.lastIndexOf('RUN'));
    expect(of(lastStage, 'RUN').join()).toContain('install -d -o node -g node -m 0700 /data');
  });

  it('[P14] starts a relay that a container’s neighbours reach and whose output has no secret', () => {
    const config = configWith(optionsOfVariables(variables()));
    expect(config).toMatchObject({ host: '0.0.0.0', dataDir: '/data', hideAdminToken: true });
    expect(of(lastStage, 'EXPOSE')).toEqual([String(config.port)]);
    expect(of(lastStage, 'VOLUME')).toEqual([config.dataDir]);
    expect([...of(lastStage, 'ENTRYPOINT'), ...of(lastStage, 'CMD')]).toEqual(['["baton"]', '["relay"]']);
    expect(of(lastStage, 'STOPSIGNAL')).toEqual(['SIGTERM']);
  });

  it.each([
    [200, 0],
    [503, 1],
    [null, 1],
  ])('checks its health: a relay that answers %s ends the check with %i', async (status, code) => {
    const [, command = ''] = /CMD (\[.*\])$/.exec(of(lastStage, 'HEALTHCHECK')[0] ?? '') ?? [];
    const [program, ...args] = JSON.parse(command) as string[];
    expect(program).toBe('node');
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(status ?? 500).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    if (status === null) await new Promise((resolve) => server.close(resolve));
    const child = spawn(process.execPath, args, { env: { BATON_PORT: String(port) }, stdio: 'ignore' });
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(code);
    expect(asked).toEqual(status === null ? [] : ['/healthz']);
  });
});

const COMPOSE = readYaml(textOf('deploy/compose.yaml'));
const relay = (...path: readonly string[]) => valueAt(COMPOSE, 'services', 'relay', ...path);
const proxy = (...path: readonly string[]) => valueAt(COMPOSE, 'services', 'proxy', ...path);

describe('the compose file', () => {
  it('runs this version’s image, made by the Dockerfile', () => {
    expect(relay('image')).toBe(`baton:${version}`);
    expect(isThere(String(relay('build', 'dockerfile')))).toBe(true);
    expect(relay('build', 'context')).toBe('..');
  });

  it('gives the relay no rights and no port of the machine; only the proxy has those', () => {
    expect(relay()).toMatchObject({
      read_only: 'true',
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      expose: ['8787'],
    });
    expect(relay()).not.toHaveProperty('ports');
    expect(proxy('ports')).toEqual(['80:80', '443:443', '443:443/udp']);
  });

  it('[P16] lets the main thread go before the others', () => {
    // setrlimit(2): RLIMIT_NICE is 20 less the niceness
    expect(relay('ulimits', 'nice')).toBe(String(20 + STEPS_AHEAD));
  });

  it('keeps the data, and lets the relay end by itself', () => {
    expect(relay('volumes')).toEqual(['data:/data']);
    expect(valueAt(COMPOSE, 'volumes')).toHaveProperty('data');
    const grace = /^(\d+)s$/.exec(String(relay('stop_grace_period')))?.[1];
    expect(Number(grace) * 1000).toBeGreaterThan(STOP_WITHIN_MS);
  });

  it('sets variables that the relay and the Caddyfile know', () => {
    const publicUrl = String(valueAt(COMPOSE, 'services', 'relay', 'environment', 'BATON_PUBLIC_URL'));
    const given = { BATON_PUBLIC_URL: publicUrl.replace(/\$\{BATON_SITE:\?[^}]+\}/, 'timing.example') };
    expect(configWith(optionsOfVariables(given)).publicUrl).toBe('https://timing.example');
    const used = [...textOf('deploy/Caddyfile').matchAll(/\{\$([A-Z_]+)/g)].map((it) => it[1]);
    expect(Object.keys(proxy('environment') as object).sort()).toEqual([...new Set(used)].sort());
    expect(proxy('environment', 'BATON_RELAY')).toBe('relay:8787');
    expect(proxy('volumes')).toContain('./Caddyfile:/etc/caddy/Caddyfile:ro');
  });
});
