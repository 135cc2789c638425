import { err, type Result } from '../result.ts';

/**
 * - `foreign`: the first line is no archive's
 * - `newer`: a format that is not known here
 * - `damaged`: a line that is not as it was written, or missing
 */
export interface ArchiveDefect {
  readonly type: 'foreign' | 'newer' | 'damaged';
  readonly message: string;
}

/** A running SHA-256; the platform's. */
export interface Hashing {
  readonly update: (bytes: Uint8Array) => void;
  readonly hex: () => string;
}

export const damaged = (message: string): Result<never, ArchiveDefect> => err({ type: 'damaged', message });
