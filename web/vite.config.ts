import { fileURLToPath } from 'node:url';
import { defaultClientConditions, defineConfig, type Plugin } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import { createKeptFiles } from './kept-files.ts';
import { packedFiles } from './packed-files.ts';
import { KEPT_PAGES } from './worker/kept-pages.ts';

const page = (name: string): string => fileURLToPath(new URL(`./${name}.html`, import.meta.url));

const kept = createKeptFiles(KEPT_PAGES.map(({ file }) => file));

/** What the worker keeps: each file with the pages that need it, so that nobody gets another page's database. */
const keepByPage = <E extends { readonly url: string }>(entries: readonly E[]): readonly E[] =>
  entries.flatMap((entry) => {
    const pages = kept.pagesOf(entry.url);
    return pages.length === 0 ? [] : [{ ...entry, pages }];
  });

/**
 * Vite wraps what is loaded later in a helper that loads its styles first. No such part of a page has styles of its own,
 * and the helper is a twentieth of what a spectator's phone loads.
 */
const plainImports: Plugin = {
  name: 'baton-plain-imports',
  apply: 'build',
  enforce: 'pre',
  load: (id) => (id.endsWith('vite/preload-helper.js') ? 'export const __vitePreload = (load) => load();' : undefined),
};

/**
 * What every page begins with, and what every part of the spectators' page speaks with, are one file each: on a phone's
 * line six small files cost more than their bytes, and each is packed worse.
 */
const FIRST_FILES = [
  {
    name: 'frame',
    test: /node_modules\/@?preact\/|src\/ui\/(?:base\.css|(?:race-text|pill|notice|top-bar)\.tsx?)$|src\/platform\/(?:address-bar|attention|browser-time|http|key-value|pause-after|now-signal)\.ts$/,
  },
  { name: 'words', test: /src\/spectator\/(?:words|local-text)\.ts$/ },
];

/**
 * Four pages, one build, one worker. Nothing is inlined (no data URLs, no module-preload script), so that the
 * relay can serve them under a content security policy without `unsafe-inline`. Packages are taken
 * from their sources: the pages need no other build first.
 */
export default defineConfig({
  appType: 'mpa',
  resolve: { conditions: ['source', ...defaultClientConditions] },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  // PGlite finds its own files beside its script, in a worker that is a module
  optimizeDeps: { exclude: ['@electric-sql/pglite'] },
  // its `eval` is Emscripten's way to run code of extensions; the policy forbids it, and nothing here loads any
  worker: { format: 'es', rolldownOptions: { checks: { eval: false } } },
  plugins: [
    plainImports,
    kept.plugin,
    packedFiles(),
    VitePWA({
      strategies: 'injectManifest',
      srcDir: 'worker',
      filename: 'sw.ts',
      // pages register the worker and name their manifest themselves: each page is an app of its own
      injectRegister: false,
      manifest: false,
      integration: {
        configureCustomSWViteBuild: (options) => {
          options.logLevel = 'warn';
          // whatever the environment of the build: the library's talk for developers stays out
          options.define = { ...options.define, 'process.env.NODE_ENV': '"production"' };
        },
      },
      injectManifest: {
        rollupFormat: 'iife',
        globPatterns: ['*.html', 'assets/**'],
        dontCacheBustURLsMatching: /^assets\//,
        // PGlite's WebAssembly has 9 MB
        maximumFileSizeToCacheInBytes: 16 * 1024 * 1024,
        manifestTransforms: [(entries) => ({ manifest: [...keepByPage(entries)], warnings: [] })],
      },
    }),
  ],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1500,
    rolldownOptions: {
      input: { index: page('index'), operate: page('operate'), receive: page('receive'), admin: page('admin') },
      output: { codeSplitting: { groups: FIRST_FILES } },
    },
  },
});
