import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { EventId } from '@baton/schema/ids';
import express, { type Request, type RequestHandler, type Response, Router } from 'express';
import { createDrawnPages, type DrawnPages, type DrawnPagesDeps, type ReadyPage, readyPage } from './drawn-pages.ts';
import type { FirstRows } from './first-rows.ts';
import { loadFirstView } from './first-view.ts';
import { policyWithStyles, WASM_POLICY } from './headers.ts';
import { isDrawnInto, withStyles } from './page-text.ts';

/** The spectators' page, and the address of which its first view is drawn. */
const SPECTATORS = 'index.html';
const EVENT = '/e/:eventId';

/** Which built page answers which address. Names under `/e/` are the page's own to look at. */
const PAGES: readonly (readonly [path: string, file: string])[] = [
  ['/', SPECTATORS],
  [EVENT, SPECTATORS],
  [`${EVENT}/announcer`, SPECTATORS],
  ['/operate', 'operate.html'],
  ['/receive', 'receive.html'],
  ['/admin', 'admin.html'],
];

/** Built files carry their content's hash in their name; the rest is asked for again each time. */
const isHashed = (path: string): boolean => /[/\\]assets[/\\]/.test(path);

/** The receiver's page, and the script in which its database runs. */
const needsWasm = (file: string): boolean =>
  /(?:^|[/\\])receive\.html$|[/\\]assets[/\\]replica-worker-[\w-]+\.js$/.test(file);

const setFileHeaders = (response: Response, path: string): void => {
  response.set('Cache-Control', isHashed(path) ? 'public, max-age=31536000, immutable' : 'no-cache');
  if (needsWasm(path)) response.set('Content-Security-Policy', WASM_POLICY);
};

/** Built files that the build has packed, sent as they lie to whoever takes gzip. */
const packedFiles = (directory: string): RequestHandler => {
  const assets = join(directory, 'assets');
  const packed = new Set(existsSync(assets) ? readdirSync(assets).filter((it) => it.endsWith('.gz')) : []);
  return (request, response, next) => {
    const name = request.path.slice('/assets/'.length);
    if (!request.path.startsWith('/assets/') || !packed.has(`${name}.gz`)) return next();
    response.vary('Accept-Encoding');
    if (request.method !== 'GET' || request.acceptsEncodings('gzip') === false) return next();
    setFileHeaders(response, request.path);
    response.type(extname(name)).set('Content-Encoding', 'gzip');
    response.sendFile(`${name}.gz`, { root: assets, cacheControl: false });
  };
};

export interface PagesDeps extends Omit<DrawnPagesDeps, 'firstView' | 'wordsOf'> {
  readonly firstRows: FirstRows;
}

const filePage =
  (directory: string, file: string): RequestHandler =>
  (_request, response) => {
    response.set('Cache-Control', 'no-cache');
    if (needsWasm(file)) response.set('Content-Security-Policy', WASM_POLICY);
    response.sendFile(file, { root: directory, cacheControl: false });
  };

/** The style sheet at an address of the build. */
const styleIn =
  (directory: string) =>
  (href: string): string | null => {
    const file = join(directory, href);
    return /^\/assets\/[\w.-]+\.css$/.test(href) && existsSync(file) ? readFileSync(file, 'utf8') : null;
  };

/** The build's script with the words of a language; those of the page's first language are in its own. */
const wordsIn = (directory: string): DrawnPagesDeps['wordsOf'] => {
  const assets = join(directory, 'assets');
  const names = existsSync(assets) ? readdirSync(assets) : [];
  const found = names.flatMap((name) => {
    const [, language] = /^words-([a-z]{2})-[\w-]{8}\.js$/.exec(name) ?? [];
    return language === undefined ? [] : [[language, `/assets/${name}`] as const];
  });
  const byLanguage = new Map(found);
  return (language) => byLanguage.get(language) ?? null;
};

const sendReady = async (request: Request, response: Response, page: ReadyPage): Promise<void> => {
  response.type('html').vary('Accept-Encoding');
  if (page.isDrawn) response.vary('Accept-Language');
  if (request.acceptsEncodings('gzip') === false) response.send(page.text);
  else response.set('Content-Encoding', 'gzip').send(await page.packed());
};

const searchOf = ({ url }: Request): string => /\?.*/.exec(url)?.[0] ?? '';

/** A page of spectators: with its styles in it and, of an event that is public, what is seen of it first. */
const spectatorPage = (directory: string, path: string, firstRows: FirstRows, drawn: DrawnPages): RequestHandler => {
  const { text, styleHash } = withStyles(readFileSync(join(directory, SPECTATORS), 'utf8'), styleIn(directory));
  const empty = readyPage(text);
  return async (request, response, next) => {
    const { eventId } = request.params;
    if (eventId !== undefined && !EventId.safeParse(eventId).success) return next();
    response.set('Cache-Control', 'no-cache');
    if (styleHash !== null) response.set('Content-Security-Policy', policyWithStyles(styleHash));
    const isWanted = eventId !== undefined && isDrawnInto(text);
    const full = isWanted ? await firstRows.of(eventId, request.query['race']) : null;
    if (full === null) return sendReady(request, response, empty);
    const asked = { full, languages: request.acceptsLanguages(), search: searchOf(request) };
    await sendReady(request, response, await drawn.of(text, path === EVENT, asked));
  };
};

/** The pages and their files; whatever else is asked for goes on to the next handler. */
export const createPages = (directory: string, { firstRows, ...deps }: PagesDeps): Router => {
  const router = Router();
  const firstView = loadFirstView(directory, deps.journal);
  const drawn = createDrawnPages({ ...deps, firstView, wordsOf: wordsIn(directory) });
  for (const [path, file] of PAGES) {
    if (!existsSync(join(directory, file))) continue;
    router.get(
      path,
      file === SPECTATORS ? spectatorPage(directory, path, firstRows, drawn) : filePage(directory, file),
    );
  }
  router.use(packedFiles(directory));
  router.use(
    express.static(directory, {
      dotfiles: 'ignore',
      index: false,
      redirect: false,
      cacheControl: false,
      setHeaders: setFileHeaders,
    }),
  );
  return router;
};
