import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/**
 * The architecture's arrows are lint rules. Each case is one file that breaks (or keeps) one of them; the
 * linter runs once over all, with the project's own configuration.
 */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BIOME = join(ROOT, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');

const imports = (from: string): string => `import { it } from '${from}';\n\nexport const use = it;\n`;
const returns = (expression: string): string => `export const use = () => ${expression};\n`;

const ARROW = 'lint/style/noRestrictedImports';
const PROPERTY = 'lint/nursery/noJsRestrictedProperties';
const GLOBAL = 'lint/style/noRestrictedGlobals';

const BROKEN: readonly (readonly [file: string, code: string, rule: string])[] = [
  ['schema/src/a1.ts', imports('@baton/client-core'), ARROW],
  ['schema/src/a2.ts', imports('@baton/sync-server'), ARROW],
  ['schema/src/a3.ts', imports('node:fs'), ARROW],
  ['schema/src/a4.ts', imports('@baton/testkit'), ARROW],
  ['client-core/src/b1.ts', imports('@baton/sync-server'), ARROW],
  ['client-core/src/b2.ts', imports('@baton/sync-server/cli'), ARROW],
  ['client-core/src/b3.ts', imports('@baton/web'), ARROW],
  ['client-core/src/b4.ts', imports('@baton/testkit'), ARROW],
  ['client-core/src/b5.ts', imports('@baton/schema/src/ids.ts'), ARROW],
  ['client-core/src/cli/b6.ts', imports('@baton/sync-server'), ARROW],
  ['client-core/src/live-client/b7.ts', imports('yjs'), ARROW],
  ['client-core/src/live-client/b8.ts', imports('@electric-sql/pglite'), ARROW],
  ['sync-server/src/c1.ts', imports('@baton/client-core'), ARROW],
  ['sync-server/src/c2.ts', imports('@baton/client-core/node'), ARROW],
  ['sync-server/src/c3.ts', imports('@baton/testkit/relay'), ARROW],
  ['sync-server/src/main.ts', imports('@baton/web'), ARROW],
  ['web/src/ui/d1.ts', imports('@baton/sync-server'), ARROW],
  ['web/src/ui/d2.ts', imports('@baton/client-core/node'), ARROW],
  ['web/src/ui/d3.ts', imports('@baton/client-core/cli'), ARROW],
  ['web/src/ui/d4.ts', imports('node:fs'), ARROW],
  ['web/src/operator/d5.ts', imports('../receiver/view.ts'), ARROW],
  ['web/src/receiver/d6.ts', imports('../operator/view.ts'), ARROW],
  ['web/src/spectator/d7.ts', imports('yjs'), ARROW],
  ['web/src/spectator/d8.ts', imports('@electric-sql/pglite'), ARROW],
  ['web/src/spectator/d9.ts', imports('@baton/client-core'), ARROW],
  ['web/src/spectator/d10.ts', imports('@baton/schema/doc'), ARROW],
  ['web/src/spectator/d11.ts', imports('../operator/view.ts'), ARROW],
  ['web/src/operator/d12.ts', imports('../admin/view.ts'), ARROW],
  ['web/src/admin/d13.ts', imports('../operator/view.ts'), ARROW],
  ['web/src/admin/d14.ts', imports('yjs'), ARROW],
  ['testkit/src/e1.ts', imports('@baton/web'), ARROW],
  ['e2e/f1.spec.ts', imports('../sync-server/src/relay.ts'), ARROW],
  ['bench/f2.ts', imports('@baton/sync-server/dist/relay.js'), ARROW],
  ['schema/src/g1.ts', returns('Date.now()'), PROPERTY],
  ['client-core/src/g2.ts', returns('Math.random()'), PROPERTY],
  ['sync-server/src/g3.ts', returns('crypto.randomUUID()'), PROPERTY],
  ['sync-server/src/g4.ts', returns('globalThis.setTimeout(() => 1, 1)'), PROPERTY],
  ['sync-server/src/g5.ts', returns('setTimeout(() => 1, 1)'), GLOBAL],
  ['client-core/src/g6.ts', returns('setInterval(() => 1, 1)'), GLOBAL],
  ['client-core/src/g7.ts', returns('setImmediate(() => 1)'), GLOBAL],
  ['client-core/src/g8.ts', returns('process.argv'), GLOBAL],
  ['client-core/src/g9.ts', returns('process.env'), 'lint/style/noProcessEnv'],
  ['web/src/ui/g10.ts', returns("console.log('x')"), 'lint/suspicious/noConsole'],
  ['sync-server/src/g11.ts', returns('new Date()'), 'plugin'],
  ['schema/src/g12.ts', 'export default 1;\n', 'lint/style/noDefaultExport'],
  ['schema/src/g13.ts', 'export const use = (it: any) => it;\n', 'lint/suspicious/noExplicitAny'],
  ['schema/src/gBad.ts', returns('1'), 'lint/style/useFilenamingConvention'],
  [
    'schema/src/g14.ts',
    `const work = async () => 1;\n\nexport const use = () => {\n  work();\n};\n`,
    'lint/nursery/noFloatingPromises',
  ],
  [
    'schema/src/g15.ts',
    `import { other } from './g16.ts';\n\nexport const use = () => other;\n`,
    'lint/suspicious/noImportCycles',
  ],
  [
    'schema/src/g16.ts',
    `import { use } from './g15.ts';\n\nexport const other = () => use;\n`,
    'lint/suspicious/noImportCycles',
  ],
  [
    'schema/src/g17.ts',
    `export const use = () => {\n${'  use();\n'.repeat(101)}};\n`,
    'lint/complexity/noExcessiveLinesPerFunction',
  ],
  ['schema/src/g18.ts', `${'// line\n'.repeat(601)}export const use = 1;\n`, 'lint/style/noExcessiveLinesPerFile'],
];

const KEPT: readonly (readonly [file: string, code: string])[] = [
  ['client-core/src/h1.ts', imports('@baton/schema/reads')],
  ['client-core/src/h2.ts', imports('node:fs')],
  ['sync-server/src/h3.ts', imports('@baton/schema/doc')],
  ['web/src/operator/h4.ts', imports('@baton/client-core')],
  ['web/src/spectator/h5.ts', imports('@baton/client-core/live')],
  ['web/src/spectator/h6.ts', imports('@baton/schema/http')],
  ['web/src/spectator/h7.ts', imports('../ui/table.ts')],
  ['sync-server/src/main.ts', returns('Date.now()')],
  ['client-core/src/cli/h8.ts', returns('process.env')],
  ['client-core/src/platform/h9.ts', returns('setTimeout(() => 1, 1)')],
  ['sync-server/src/h10.ts', returns('new Date(5)')],
  ['testkit/src/h11.ts', imports('@baton/sync-server')],
];

interface Report {
  readonly diagnostics: readonly { readonly category: string; readonly location: { readonly path: string } }[];
}

const lint = (folder: string): string => {
  try {
    const args = [BIOME, 'lint', '--reporter=json', '--max-diagnostics=none', '.'];
    return execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const { stdout } = error as { stdout?: unknown };
    if (typeof stdout === 'string') return stdout;
    throw error;
  }
};

const layOut = (folder: string, files: readonly (readonly [string, string, ...unknown[]])[]): void => {
  cpSync(join(ROOT, 'biome.json'), join(folder, 'biome.json'));
  cpSync(join(ROOT, '.ci', 'lint'), join(folder, '.ci', 'lint'), { recursive: true });
  for (const [file, code] of files) {
    const path = join(folder, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, code);
  }
};

const rulesByFile = (folder: string): ReadonlyMap<string, readonly string[]> => {
  const rules = new Map<string, string[]>();
  for (const { category, location } of (JSON.parse(lint(folder)) as Report).diagnostics) {
    rules.set(location.path, [...(rules.get(location.path) ?? []), category]);
  }
  return rules;
};

describe('lint carries the architecture', () => {
  let broken: ReadonlyMap<string, readonly string[]>;
  let kept: ReadonlyMap<string, readonly string[]>;
  const folders: string[] = [];

  beforeAll(() => {
    const check = (files: readonly (readonly [string, string, ...unknown[]])[]) => {
      const folder = mkdtempSync(join(tmpdir(), 'baton-lint-'));
      folders.push(folder);
      layOut(folder, files);
      return rulesByFile(folder);
    };
    broken = check(BROKEN);
    kept = check(KEPT);
  });

  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  it.each(BROKEN.map(([file, , rule]) => [file, rule] as const))('%s is refused by %s', (file, rule) => {
    expect(broken.get(file) ?? []).toContain(rule);
  });

  it.each(KEPT.map(([file]) => file))('%s is allowed', (file) => {
    const against = [ARROW, PROPERTY, GLOBAL, 'plugin', 'lint/style/noProcessEnv', 'lint/suspicious/noConsole'];
    expect((kept.get(file) ?? []).filter((rule) => against.includes(rule))).toEqual([]);
  });
});
