import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, defaultClientConditions, type Plugin } from 'vite';
import type { ServedFile, ServeFile } from '../support/counting-server.ts';

/** Beside the built benchmarks; the page is built from its sources. */
const SOURCE = fileURLToPath(new URL('../../replica/browser/', import.meta.url));
const BUILT = fileURLToPath(new URL('../browser/', import.meta.url));

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};

/**
 * PouchDB imports Node's `events`, which bundlers for browsers once brought along: as much of it as PouchDB calls, with methods that
 * can be listed, for it copies them.
 */
const EVENTS = `
export default function EventEmitter() {}
const listenersOf = (self, name) => {
  self.byName ??= new Map();
  if (!self.byName.has(name)) self.byName.set(name, []);
  return self.byName.get(name);
};
Object.assign(EventEmitter.prototype, {
  on(name, run) { listenersOf(this, name).push({ run }); return this; },
  once(name, run) { listenersOf(this, name).push({ run, once: true }); return this; },
  removeListener(name, run) {
    const all = listenersOf(this, name);
    const at = all.findIndex((it) => it.run === run);
    if (at >= 0) all.splice(at, 1);
    return this;
  },
  removeAllListeners(name) { name === undefined ? this.byName?.clear() : this.byName?.delete(name); return this; },
  emit(name, ...args) {
    const all = [...listenersOf(this, name)];
    for (const { run, once } of all) { if (once) this.removeListener(name, run); run.apply(this, args); }
    return all.length > 0;
  },
  listeners(name) { return listenersOf(this, name).map(({ run }) => run); },
  listenerCount(name) { return listenersOf(this, name).length; },
  setMaxListeners() { return this; },
});
EventEmitter.prototype.addListener = EventEmitter.prototype.on;
EventEmitter.prototype.off = EventEmitter.prototype.removeListener;
EventEmitter.listenerCount = (emitter, name) => emitter.listenerCount(name);
export { EventEmitter };
`;

const events: Plugin = {
  name: 'events',
  enforce: 'pre',
  resolveId: (id) => (id === 'events' ? '\0events' : null),
  load: (id) => (id === '\0events' ? EVENTS : null),
};

const buildPage = async (): Promise<void> => {
  await build({
    configFile: false,
    root: SOURCE,
    mode: 'production',
    logLevel: 'error',
    plugins: [events],
    resolve: { conditions: ['source', ...defaultClientConditions] },
    worker: { format: 'es', rolldownOptions: { checks: { eval: false } } },
    build: {
      outDir: BUILT,
      emptyOutDir: true,
      target: 'es2022',
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      chunkSizeWarningLimit: 2000,
    },
  });
};

/** Builds the page of the browser benchmark; answers with its files by path, as a server sends them. */
export const buildPageFiles = async (): Promise<ServeFile> => {
  await buildPage();
  const files = new Map<string, ServedFile>();
  for (const entry of await readdir(BUILT, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const type = TYPES[extname(entry.name)] ?? 'application/octet-stream';
    files.set(`/${relative(BUILT, path).split(sep).join('/')}`, { type, body: gzipSync(await readFile(path)) });
  }
  return (path) => files.get(path) ?? null;
};
