import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { filesOf } from '../kept-files.ts';
import { LANGUAGES } from '../src/spectator/words.ts';

type Bundle = Extract<Awaited<ReturnType<typeof build>>, { output: unknown }>['output'];
type Chunk = Extract<Bundle[number], { type: 'chunk' }>;

const outDir = mkdtempSync(join(tmpdir(), 'baton-web-'));
afterAll(() => rmSync(outDir, { recursive: true }));

/**
 * The pages and their worker as `npm run build` makes them, in a folder of their own: a test's environment would add
 * what is for developers.
 */
const buildPages = async (): Promise<Bundle> => {
  vi.stubEnv('NODE_ENV', 'production');
  const root = fileURLToPath(new URL('..', import.meta.url));
  const made = await build({ root, mode: 'production', logLevel: 'silent', build: { outDir } });
  if (!('output' in made)) throw new Error('expected one build');
  return made.output;
};

let bundle: Bundle;
beforeAll(async () => {
  bundle = await buildPages().finally(() => vi.unstubAllEnvs());
}, 120_000);

const chunkNamed = (fileName: string): Chunk => {
  const found = bundle.find((it): it is Chunk => it.type === 'chunk' && it.fileName === fileName);
  if (found === undefined) throw new Error(`there is no chunk ${fileName}`);
  return found;
};

/** Everything a page's browser loads before it shows anything. */
const initialChunks = (page: string): readonly Chunk[] => {
  const entry = bundle.find((it): it is Chunk => it.type === 'chunk' && it.isEntry && it.name === page);
  const found = new Map<string, Chunk>();
  const visit = (chunk: Chunk): void => {
    if (found.has(chunk.fileName)) return;
    found.set(chunk.fileName, chunk);
    for (const name of chunk.imports) visit(chunkNamed(name));
  };
  if (entry !== undefined) visit(entry);
  return [...found.values()];
};

const modulesOf = (page: string): readonly string[] =>
  initialChunks(page).flatMap((chunk) => Object.keys(chunk.modules));

describe('the spectator’s bundle', () => {
  it('is at most 25 KB of JavaScript, gzipped', () => {
    const bytes = initialChunks('index').reduce((sum, chunk) => sum + gzipSync(chunk.code).length, 0);
    expect(bytes).toBeGreaterThan(5000);
    expect(bytes).toBeLessThanOrEqual(25_000);
  });

  it('holds neither documents nor a database nor the other pages', () => {
    // of the shared rules only those that are plain functions of plain values
    const foreign =
      /node_modules\/(yjs|y-|lib0|zod|@electric-sql)|\/client-core\/|\/schema\/src\/(?!feed\/|results\/(?:ranking|wall-time)\.ts)|src\/(operator|receiver|admin)\//;
    expect(modulesOf('index').filter((id) => foreign.test(id))).toEqual([]);
  });
});

it('no page needs PGlite, Node or another page’s code to begin', () => {
  for (const [page, others] of [
    ['operate', 'receiver|spectator|admin'],
    ['receive', 'operator|spectator|admin'],
  ]) {
    const foreign = new RegExp(`@electric-sql|better-sqlite3|node_modules/ws/|platform/node/|web/src/(${others})/`);
    expect(modulesOf(page ?? '').length).toBeGreaterThan(50);
    expect(modulesOf(page ?? '').filter((id) => foreign.test(id))).toEqual([]);
  }
});

describe('the admin page', () => {
  it('is small: no documents, no database, no other page', () => {
    const foreign =
      /node_modules\/(?:yjs|y-|@electric-sql)|\/client-core\/|\/schema\/src\/(?:doc|sql)\/index|web\/src\/(?:operator|receiver|spectator)\//;
    expect(modulesOf('admin').length).toBeGreaterThan(30);
    expect(modulesOf('admin').filter((id) => foreign.test(id))).toEqual([]);
    const bytes = initialChunks('admin').reduce((sum, chunk) => sum + gzipSync(chunk.code).length, 0);
    expect(bytes).toBeLessThanOrEqual(60_000);
  });
});

it('every page runs without inline scripts and styles', () => {
  const pages = bundle.filter((it) => it.fileName.endsWith('.html'));
  expect(pages.map((it) => it.fileName).sort()).toEqual(['admin.html', 'index.html', 'operate.html', 'receive.html']);
  for (const page of pages) {
    const html = page.type === 'asset' ? String(page.source) : '';
    expect(html).toMatch(/<script type="module"[^>]* src="\/assets\/[^"]+-[\w-]{8}\.js">/);
    expect(html).not.toMatch(/<style|\sstyle=|\son\w+=|javascript:|<script(?![^>]*\ssrc=)/);
  }
});

describe('the first view', () => {
  it('[CN-18] has the words of each other language in a script that the relay knows by its name', () => {
    const names = bundle.map(({ fileName }) => fileName).filter((it) => /\/words-[a-z]{2}-/.test(it));
    const others = LANGUAGES.map(({ code }) => code).filter((code) => code !== 'en');
    expect(names).toEqual(
      others.map((code) => expect.stringMatching(new RegExp(`^assets/words-${code}-[\\w-]{8}\\.js$`))),
    );
  });

  it('is one file for Node beside the pages, and names what is there', async () => {
    const root = fileURLToPath(new URL('..', import.meta.url));
    const configFile = join(root, 'vite.first-view.config.ts');
    await build({ root, configFile, mode: 'production', logLevel: 'silent', build: { outDir } });
    const text = readFileSync(join(outDir, 'first-view.mjs'), 'utf8');
    const named = text.match(/\/assets\/[\w.-]+/g) ?? [];
    expect(named).toEqual([expect.stringMatching(/^\/assets\/baton-[\w-]{8}\.svg$/)]);
    for (const path of named) expect(existsSync(join(outDir, path)), path).toBe(true);
    expect(text).not.toMatch(/^import |\bfrom"/m);
  });
});

describe('files that are worth it', () => {
  it('lie packed beside themselves, for lines on which 16 MB of database are too many', () => {
    const large = bundle.filter(
      ({ fileName }) => /\.(?:js|css|wasm|data)$/.test(fileName) && fileName.startsWith('assets/'),
    );
    expect(large.length).toBeGreaterThan(5);
    for (const { fileName } of large) {
      const bytes = readFileSync(join(outDir, fileName));
      if (bytes.length < 1024) continue;
      expect(gunzipSync(readFileSync(join(outDir, `${fileName}.gz`))).equals(bytes), fileName).toBe(true);
    }
  });
});

describe('the worker', () => {
  const text = (): string => readFileSync(join(outDir, 'sw.js'), 'utf8');
  /** What it keeps, as the build wrote it there. */
  const kept = (page: string): readonly { readonly url: string; readonly revision: string | null }[] => {
    const all: readonly { url: string; revision: string | null; pages: string[] }[] = JSON.parse(
      /\[\{"(?:revision|url|pages)".*?\}\]/.exec(text())?.[0] ?? '[]',
    );
    return all.filter(({ pages }) => pages.includes(page));
  };

  it('[P28] keeps the operator page with everything it loads, and no other page', () => {
    const urls = kept('operate.html').map((it) => it.url);
    expect(urls).toContain('operate.html');
    for (const chunk of initialChunks('operate')) expect(urls).toContain(chunk.fileName);
    const named = readFileSync(join(outDir, 'operate.html'), 'utf8').match(/assets\/[\w.-]+/g) ?? [];
    expect(named.length).toBeGreaterThan(3);
    expect(urls).toEqual(expect.arrayContaining(named));
    expect(urls.filter((it) => /(?:index|receive|replica-worker|pglite)[.-]/.test(it))).toEqual([]);
  });

  it('keeps the spectators’ page with the parts that are loaded later, and no other page', () => {
    const urls = kept('index.html').map((it) => it.url);
    expect(urls).toContain('index.html');
    for (const chunk of initialChunks('index')) expect(urls).toContain(chunk.fileName);
    for (const part of ['runner-view', 'announcer-page', 'favourites-view', 'favourite-desk']) {
      expect(urls.filter((it) => it.startsWith(`assets/${part}-`))).toHaveLength(1);
    }
    expect(urls.filter((it) => /(?:operate|receive|replica-worker|pglite)[.-]/.test(it))).toEqual([]);
    expect(urls.length).toBeLessThan(60);
  });

  it('[P28] keeps the receiver page with its database, for those who open it', () => {
    const urls = kept('receive.html').map((it) => it.url);
    for (const chunk of initialChunks('receive')) expect(urls).toContain(chunk.fileName);
    for (const file of [
      /^receive\.html$/,
      /replica-worker-.*\.js$/,
      /pglite-.*\.wasm$/,
      /pglite-.*\.data$/,
      /packed-template\..*\.gz$/,
    ]) {
      expect(urls.filter((it) => file.test(it))).toHaveLength(1);
    }
    expect(urls.filter((it) => /initdb-.*\.wasm$|opfs-ahp-.*\.js$/.test(it))).toHaveLength(2);
    expect(urls.filter((it) => /(?:index|operate)[.-]/.test(it))).toEqual([]);
  });

  it('knows each file by its content: by name, or by a revision', () => {
    for (const { url, revision } of ['index.html', 'operate.html', 'receive.html'].flatMap(kept)) {
      if (url.startsWith('assets/')) expect(url).toMatch(/-[\w-]{8}\.\w+$/);
      else expect(revision).toMatch(/^[0-9a-f]{32}$/);
    }
  });

  it('is one script of its own, small, without words for developers', () => {
    expect(text()).not.toMatch(/importScripts|^import |denylist pattern/m);
    expect(gzipSync(text()).length).toBeLessThan(8000);
  });
});

describe('files of the kept pages', () => {
  const built = [
    { name: 'a.html', text: '<script src="/assets/a-11111111.js">' },
    { name: 'b.html', text: '<script src="/assets/b-22222222.js">' },
    { name: 'assets/a-11111111.js', text: 'import("./later-33333333.js"); new Worker("/assets/work-44444444.js")' },
    { name: 'assets/b-22222222.js', text: 'import "./later-33333333.js"' },
    { name: 'assets/later-33333333.js', text: 'import "./a-11111111.js"' },
    { name: 'assets/work-44444444.js', text: '' },
  ];

  it('are all that is named from them on, also what is loaded later or in circles', () => {
    expect([...filesOf(['a.html'], built)].sort()).toEqual([
      'a.html',
      'assets/a-11111111.js',
      'assets/later-33333333.js',
      'assets/work-44444444.js',
    ]);
    expect([...filesOf(['nowhere.html'], built)]).toEqual([]);
  });
});
