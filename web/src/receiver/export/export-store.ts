import type { Replica } from '@baton/client-core';
import { type ReadonlySignal, signal } from '@preact/signals';
import type { Announcer } from '../../platform/announcer-store.ts';
import type { Files } from '../../platform/files.ts';
import { plural } from '../../ui/time-text.ts';
import { exportReads } from './export-reads.ts';
import { exportResults } from './export-results.ts';
import { type ExportFormat, type ExportScope, fileName } from './export-scope.ts';

export interface RunningExport {
  readonly name: string;
  readonly done: number;
  readonly of: number;
}

/** One export at a time. */
export interface ExportStore {
  readonly running: ReadonlySignal<RunningExport | null>;
  readonly reads: (scope: ExportScope, format: ExportFormat) => Promise<void>;
  readonly results: (race: string, name: string) => Promise<void>;
  readonly cancel: () => void;
}

export const createExportStore = (deps: {
  readonly replica: Pick<Replica, 'select'>;
  readonly files: Files;
  readonly announcer: Announcer;
}): ExportStore => {
  const { replica, files, announcer } = deps;
  const running = signal<RunningExport | null>(null);
  let isCancelled = false;

  const run = async (name: string, work: () => Promise<string>): Promise<void> => {
    if (running.peek() !== null) return;
    isCancelled = false;
    running.value = { name, done: 0, of: 0 };
    const problem = await work();
    running.value = null;
    if (problem !== '') announcer.fail(`${name} was not saved: ${problem}.`);
  };

  return {
    running,
    reads: (scope, format) => {
      const name = fileName(scope, format);
      return run(name, async () => {
        const made = await exportReads(replica, {
          scope,
          format,
          onProgress: (done, of) => {
            running.value = { name, done, of };
          },
          isCancelled: () => isCancelled,
        });
        if (!made.ok) return made.error;
        files.saveBlob(name, made.value.blob);
        announcer.say(`Saved ${plural(made.value.reads, 'read')} as ${name}.`);
        return '';
      });
    },
    results: (race, title) => {
      const name = `results-${title.replace(/[^A-Za-z0-9._-]+/g, '_').slice(0, 80)}.csv`;
      return run(name, async () => {
        const made = await exportResults(replica, race);
        if (!made.ok) return made.error;
        files.save(name, 'text/csv;charset=utf-8', made.value.text);
        announcer.say(`Saved ${plural(made.value.results, 'result')} as ${name}.`);
        return '';
      });
    },
    cancel: () => {
      isCancelled = true;
    },
  };
};
