import type { PullClientOptions } from '../../reads/pull-client.ts';
import type { StorageMode } from './browser-directories.ts';

/**
 * Strict IndexedDB pays some 100 ms for every transaction, however small (measured: 9,000 reads a second by the thousand,
 * 53,000 by ten thousand): there, reads are joined longer.
 */
export const pullTuning = (mode: StorageMode): Pick<PullClientOptions, 'window' | 'joinReads' | 'joinMs'> =>
  mode === 'indexeddb' ? { window: 60_000, joinReads: 20_000, joinMs: 400 } : {};
