import { existsSync, readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { EventId } from '@baton/schema/ids';
import express, { type RequestHandler, type Response, Router } from 'express';
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

/** The pages and their files; whatever else is asked for goes on to the next handler. */
export const createPages = (directory: string): Router => {
  const router = Router();
  for (const [path, file] of PAGES) {
    const full = join(directory, file);
    if (!existsSync(full)) continue;
    router.get(path, (request, response, next) => {
      const { eventId } = request.params;
      if (eventId !== undefined && !EventId.safeParse(eventId).success) return next();
      response.set('Cache-Control', 'no-cache');
      if (needsWasm(file)) response.set('Content-Security-Policy', WASM_POLICY);
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
