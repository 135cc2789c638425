import { fileURLToPath } from 'node:url';
import { defaultClientConditions, defineConfig } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import { createKeptFiles } from './kept-files.ts';
import { KEPT_PAGES } from './worker/kept-pages.ts';

const page = (name: string): string => fileURLToPath(new URL(`./${name}.html`, import.meta.url));

const kept = createKeptFiles(KEPT_PAGES.map(({ file }) => file));

/**
 * Three pages, one build, one worker. Nothing is inlined (no data URLs, no module-preload script), so that the
 * relay can serve them under a content security policy without `unsafe-inline`. Packages are taken
 * from their sources: the pages need no other build first.
 */
export default defineConfig({
  appType: 'mpa',
  resolve: { conditions: ['source', ...defaultClientConditions] },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [
    kept.plugin,
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
        maximumFileSizeToCacheInBytes: 4 * 1024 * 1024,
        manifestTransforms: [(entries) => ({ manifest: entries.filter(({ url }) => kept.has(url)), warnings: [] })],
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
    rolldownOptions: { input: { index: page('index'), operate: page('operate'), receive: page('receive') } },
  },
});
