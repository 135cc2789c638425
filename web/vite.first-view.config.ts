import { fileURLToPath } from 'node:url';
import { defaultServerConditions, defineConfig, type Plugin } from 'vite';

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** Parts that a page loads later are not there in what it shows first. */
const withoutLaterParts: Plugin = {
  name: 'baton-without-later-parts',
  enforce: 'pre',
  resolveId: (id) => (id.endsWith('/lazy-part.tsx') ? path('./src/spectator/unloaded-part.tsx') : undefined),
  // what nothing loads has no place in the file
  resolveDynamicImport: (id) => (typeof id === 'string' ? { id, external: true } : undefined),
};

/**
 * What the relay draws spectators' pages with: one file for Node beside the built pages, with all it needs in it. Made
 * behind them, from the same sources: whatever it names (an icon) has the name it has there.
 */
export default defineConfig({
  resolve: { conditions: ['source', ...defaultServerConditions] },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  ssr: { noExternal: true, resolve: { conditions: ['source', ...defaultServerConditions] } },
  plugins: [withoutLaterParts],
  publicDir: false,
  build: {
    ssr: path('./src/spectator/first-view.tsx'),
    outDir: 'dist',
    emptyOutDir: false,
    copyPublicDir: false,
    assetsInlineLimit: 0,
    target: 'node20',
    minify: true,
    rolldownOptions: { output: { entryFileNames: 'first-view.mjs', codeSplitting: false } },
  },
});
