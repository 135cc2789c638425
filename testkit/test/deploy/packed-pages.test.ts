import { readdirSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { isThere, textOf } from './repository.ts';

interface Packed {
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

const { PACKED } = (await import(new URL('../../../bin/package/stage.mjs', import.meta.url).href)) as {
  readonly PACKED: Packed;
};

const under = (folder: string): readonly string[] =>
  readdirSync(fileURLToPath(new URL(`../../../${folder}`, import.meta.url)), { recursive: true }).map(
    (name) => `${folder}/${String(name)}`,
  );

const isPacked = (path: string): boolean =>
  PACKED.files.includes(path) || PACKED.folders.some((it) => path === it || path.startsWith(`${it}/`));

/** Where the relative links of a page lead, from the package's root. */
const targetsOf = (page: string, text: string): readonly string[] =>
  [...text.replaceAll(/`[^`\n]*`/g, '').matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !link.includes('://'))
    .map((link) => posix.normalize(posix.join(posix.dirname(page), link)).replace(/\/$/, ''));

const PAGES = [...PACKED.files, ...PACKED.folders.flatMap(under)].filter((it) => it.endsWith('.md'));

describe('pages of the package', () => {
  it('lead only to what lies in it', () => {
    expect(PAGES).toEqual(expect.arrayContaining(['README.md', 'docs/hosting.md', 'docs/decisions/0001-toolchain.md']));
    const astray = PAGES.flatMap((page) =>
      targetsOf(page, textOf(page))
        .filter((it) => !isPacked(it) || !isThere(it))
        .map((it) => `${page}: ${it}`),
    );
    expect(astray).toEqual([]);
  });

  it('are read at all, and a link that leads out is seen', () => {
    expect(targetsOf('docs/a.md', 'see [b](b.md#c), [d](../bench/README.md) and [e](https://e.example)')).toEqual([
      'docs/b.md',
      'bench/README.md',
    ]);
    expect(['docs/b.md', 'bench/README.md'].map(isPacked)).toEqual([true, false]);
  });
});
