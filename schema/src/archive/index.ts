export type { ArchiveCheck, ArchiveEntry, ArchiveSum } from './check.ts';
export { createArchiveCheck } from './check.ts';
export type { ArchiveDefect, Hashing } from './defect.ts';
export { createLineCutter } from './lines.ts';
export { checkArchive, readArchive } from './read.ts';
export type {
  ArchivedDoc,
  ArchivedEpoch,
  ArchivedFact,
  ArchivedReads,
  ArchivedStream,
  ArchiveEnd,
  ArchiveLine,
} from './records.ts';
export { ARCHIVE_FORMAT, ArchiveHead, MAX_LINE_BYTES } from './records.ts';
export {
  createReadsCutter,
  docLine,
  endLine,
  epochLine,
  eventLine,
  factLine,
  headLine,
  streamLine,
} from './write.ts';
