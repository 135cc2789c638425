import { defineConfig } from 'vitest/config';
import { summaryReporter } from './testkit/src/summary-reporter.ts';

/**
 * One seed for whatever is random in a test: a red run then speaks of the change it ran on. Other seeds are
 * looked for by `npm run soak`, which sets it.
 */
const seed = process.env['BATON_SEED'] ?? '20260510';

/**
 * Packages name their TypeScript beside their built files; tests take the source, so that a unit test
 * needs no build. Child processes and worker threads run what was built.
 */
const conditions = ['source', 'node'];

const fromSource = {
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ['node'] }, noExternal: [/^@baton\//] },
};

export default defineConfig({
  test: {
    globals: false,
    env: { BATON_SEED: seed },
    watch: false,
    pool: 'forks',
    maxWorkers: 2,
    reporters: ['default', summaryReporter((text) => process.stdout.write(text))],
    projects: [
      {
        ...fromSource,
        test: {
          name: 'unit',
          include: ['*/test/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/dist/**'],
          // no test changes what modules hold: files share them, and each is loaded once
          isolate: false,
          setupFiles: ['testkit/src/fast-check-seed.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          server: { deps: { inline: [/@baton\//] } },
        },
      },
      {
        ...fromSource,
        test: {
          name: 'e2e',
          include: ['e2e/**/*.spec.ts'],
          exclude: ['**/node_modules/**', '**/dist/**'],
          isolate: false,
          setupFiles: ['testkit/src/fast-check-seed.ts'],
          testTimeout: 480_000,
          hookTimeout: 180_000,
          sequence: { groupOrder: 1 },
          server: { deps: { inline: [/@baton\//] } },
        },
      },
    ],
  },
});
