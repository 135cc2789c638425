import type { ArchiveDefect } from '@baton/schema/archive';
import { type ErrorCode, type Refusal, refusal } from '@baton/schema/errors';

const CODES: Readonly<Record<ArchiveDefect['type'], ErrorCode>> = {
  foreign: 'ARCHIVE_FOREIGN',
  newer: 'ARCHIVE_NEWER',
  damaged: 'ARCHIVE_DAMAGED',
};

/** A defect as the peer is told; a refusal stays what it is. */
export const refusalOfDefect = (it: ArchiveDefect | Refusal): Refusal =>
  it.type === 'refusal' ? it : refusal(CODES[it.type], it.message);
