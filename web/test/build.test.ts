import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { beforeAll, describe, expect, it } from 'vitest';

type Bundle = Extract<Awaited<ReturnType<typeof build>>, { output: unknown }>['output'];
type Chunk = Extract<Bundle[number], { type: 'chunk' }>;

/** The pages as `npm run build` makes them, not written anywhere. */
const buildPages = async (): Promise<Bundle> => {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const made = await build({ root, mode: 'production', logLevel: 'silent', build: { write: false } });
  if (!('output' in made)) throw new Error('expected one build');
  return made.output;
};

let bundle: Bundle;
beforeAll(async () => {
  bundle = await buildPages();
});

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
    const foreign = /node_modules\/(yjs|y-|lib0|zod|@electric-sql)|\/(client-core|schema)\/|src\/(operator|receiver)\//;
    expect(modulesOf('index').filter((id) => foreign.test(id))).toEqual([]);
  });
});

it('no page needs PGlite, Node or another page’s code to begin', () => {
  for (const [page, other] of [
    ['operate', 'receiver'],
    ['receive', 'operator'],
  ]) {
    const foreign = new RegExp(
      `@electric-sql|better-sqlite3|node_modules/ws/|platform/node/|src/(${other}|spectator)/`,
    );
    expect(modulesOf(page ?? '').length).toBeGreaterThan(50);
    expect(modulesOf(page ?? '').filter((id) => foreign.test(id))).toEqual([]);
  }
});

it('every page runs without inline scripts and styles', () => {
  const pages = bundle.filter((it) => it.fileName.endsWith('.html'));
  expect(pages.map((it) => it.fileName).sort()).toEqual(['index.html', 'operate.html', 'receive.html']);
  for (const page of pages) {
    const html = page.type === 'asset' ? String(page.source) : '';
    expect(html).toMatch(/<script type="module"[^>]* src="\/assets\/[^"]+-[\w-]{8}\.js">/);
    expect(html).not.toMatch(/<style|\sstyle=|\son\w+=|javascript:|<script(?![^>]*\ssrc=)/);
  }
});
