import type { ArchiveDefect, ArchiveEntry, ArchiveSum } from '@baton/schema/archive';
import type { Result } from '@baton/schema/result';

/** `check`: everything is looked at, nothing told. `read`: every entry is told. */
export interface ArchiveTask {
  readonly path: string;
  readonly mode: 'check' | 'read';
}

/** From the thread; after `entries` it goes on once it is asked to by any message. */
export type FromArchive =
  | { readonly type: 'entries'; readonly entries: readonly ArchiveEntry[] }
  | { readonly type: 'ended'; readonly result: Result<ArchiveSum, ArchiveDefect> };
