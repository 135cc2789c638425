import { createHash } from 'node:crypto';
import type { DrawnView } from './first-view.ts';

/** A built page with its styles in it: on a phone's line, what it names costs half a second more. */
export interface StyledPage {
  readonly text: string;
  /** SHA-256 of its styles in base64, for the policy; null: it has none in it. */
  readonly styleHash: string | null;
}

const STYLESHEET = /[ \t]*<link rel="stylesheet"[^>]*? href="([^"]+)"[^>]*>\n?/g;

/** @param styleOf the text of a style sheet by its address; null: it is not at hand, and the page stays as it lies */
export const withStyles = (page: string, styleOf: (href: string) => string | null): StyledPage => {
  const texts = [...page.matchAll(STYLESHEET)].map(([, href = '']) => styleOf(href));
  const text = texts.join('');
  const isWhole = texts.length > 0 && texts.every((it) => it !== null);
  // a file of the build has neither; with one, the element would end there, or name what lies elsewhere
  if (!isWhole || /<\/style|@import/i.test(text)) return { text: page, styleHash: null };
  let isPut = false;
  const styled = page.replace(STYLESHEET, () => {
    if (isPut) return '';
    isPut = true;
    return `<style>${text}</style>\n`;
  });
  return { text: styled, styleHash: createHash('sha256').update(text).digest('base64') };
};

/** Where a page is drawn. */
const ROOT = '<div id="page"></div>';

export const isDrawnInto = (page: string): boolean => page.includes(ROOT);

/** As text of a script that nothing runs: the policy allows no other, and nothing in it ends the script. */
const dataBlock = (json: string): string =>
  `<script type="application/json" id="first-rows">${json.replaceAll('<', '\\u003c')}</script>`;

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string): string => text.replace(/[&<>"]/g, (it) => ESCAPES[it] ?? it);

/** Its script asks for them as soon as it runs: half a second later, on a phone's line. */
const preload = (script: string): string => `<link rel="modulepreload" crossorigin href="${escaped(script)}">\n`;

/**
 * The page with its first rows: as data behind the place where they are drawn, and drawn there.
 *
 * @param words address of the script that speaks the page's language; null: none of its own
 */
export const withFirst = (page: string, json: string, drawn: DrawnView | null, words: string | null = null): string => {
  const root = `<div id="page">${drawn?.html ?? ''}</div>`;
  const filled = page.replace(ROOT, () => `${root}${dataBlock(json)}`);
  if (drawn === null) return filled;
  return filled
    .replace(/<html lang="[^"]*">/, () => `<html lang="${escaped(drawn.language)}">`)
    .replace(/<title>[^<]*<\/title>/, () => `<title>${escaped(drawn.title)}</title>`)
    .replace('</head>', (head) => `${words === null ? '' : preload(words)}${head}`);
};
