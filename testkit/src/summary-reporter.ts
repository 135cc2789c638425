import type { Reporter, TestModule } from 'vitest/node';

/**
 * Ends a run with one plain line, `12 passed, 0 failed`, that a script or a tired reader
 * cannot mistake. A skipped test, a file that does not load, and an error outside any test count as failures.
 */
export const summaryReporter = (write: (text: string) => void): Reporter => ({
  onTestRunEnd: (modules: readonly TestModule[], errors: readonly unknown[]): void => {
    let passed = 0;
    let failed = errors.length;
    for (const module of modules) {
      failed += module.errors().length;
      for (const test of module.children.allTests()) {
        if (test.result().state === 'passed') passed += 1;
        else failed += 1;
      }
    }
    write(`\n${passed} passed, ${failed} failed\n`);
  },
});
