import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { EventId } from '@baton/schema/ids';
import express, { type Request, type RequestHandler, type Response, Router } from 'express';
import type { FirstRows } from './first-rows.ts';
import { WASM_POLICY } from './headers.ts';

/** Which built page answers which address. Names under `/e/` are the page's own to look at. */
const PAGES: readonly (readonly [path: string, file: string])[] = [
  ['/', 'index.html'],
  ['/e/:eventId', 'index.html'],
  ['/e/:eventId/announcer', 'index.html'],
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

const pack = promisify(gzip);

/** Where a page is drawn: what it begins with comes right before. */
const PAGE_ROOT = '<div id="page"></div>';

/** As text of a script that nothing runs: the policy allows no other, and nothing in it ends the script. */
const dataBlock = (value: unknown): string =>
  `<script type="application/json" id="first-rows">${JSON.stringify(value).replaceAll('<', '\\u003c')}</script>`;

/** The page with what it shows first; false: it is sent as it lies. */
const sendWithRows = async (
  page: string,
  firstRows: FirstRows,
  request: Request,
  response: Response,
): Promise<boolean> => {
  const { eventId } = request.params;
  if (eventId === undefined || request.method !== 'GET' || !page.includes(PAGE_ROOT)) return false;
  const full = await firstRows.of(eventId, request.query['race']);
  if (full === null) return false;
  const text = page.replace(PAGE_ROOT, () => `${dataBlock(full)}${PAGE_ROOT}`);
  response.type('html').vary('Accept-Encoding');
  if (request.acceptsEncodings('gzip') === false) response.send(text);
  else response.set('Content-Encoding', 'gzip').send(await pack(text));
  return true;
};

/** The pages and their files; whatever else is asked for goes on to the next handler. */
export const createPages = (directory: string, firstRows: FirstRows): Router => {
  const router = Router();
  for (const [path, file] of PAGES) {
    const full = join(directory, file);
    if (!existsSync(full)) continue;
    const page = readFileSync(full, 'utf8');
    router.get(path, async (request, response, next) => {
      const { eventId } = request.params;
      if (eventId !== undefined && !EventId.safeParse(eventId).success) return next();
      response.set('Cache-Control', 'no-cache');
      if (needsWasm(file)) response.set('Content-Security-Policy', WASM_POLICY);
      if (await sendWithRows(page, firstRows, request, response)) return;
      response.sendFile(file, { root: directory, cacheControl: false });
    });
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
