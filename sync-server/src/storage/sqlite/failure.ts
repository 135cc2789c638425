import Database from 'better-sqlite3';

/**
 * What an error of SQLite means for the store:
 * - `full`: no space; the transaction is undone, and later ones work again when there is space
 * - `disk`: reading, writing or syncing failed, or the file is damaged. Final: after a failed sync nobody
 *   knows what of the earlier writes is on disk, so the process must end and read again what is there
 * - `request`: this request cannot be stored (a bug of its sender); others are not affected
 */
export type FailureKind = 'full' | 'disk' | 'request';

const REQUEST_CODES = /^SQLITE_(CONSTRAINT|TOOBIG|MISMATCH|RANGE|ERROR)/;

/**
 * @param isQuotaExceeded asks the file system after a failed write: SQLite reports a full disk as
 *   SQLITE_FULL, but a used-up quota (EDQUOT) as a plain write error.
 */
export const kindOfFailure = (error: unknown, isQuotaExceeded: () => boolean): FailureKind => {
  if (!(error instanceof Database.SqliteError)) return 'request';
  if (error.code === 'SQLITE_FULL') return 'full';
  if (error.code === 'SQLITE_IOERR_WRITE' && isQuotaExceeded()) return 'full';
  return REQUEST_CODES.test(error.code) ? 'request' : 'disk';
};

/** `SQLITE_IOERR_FSYNC: disk I/O error`. */
export const textOfError = (error: unknown): string => {
  if (error instanceof Database.SqliteError) return `${error.code}: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
};
