const sqlState = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

/** SQLSTATE XX001 and XX002: data or index corrupted. */
export const isCorruption = (error: unknown): boolean => /^XX00[12]$/.test(sqlState(error));

/** Class 53: disk full, out of memory. The transaction is rolled back and the database sound. */
export const isOutOfSpace = (error: unknown): error is Error => /^53...$/.test(sqlState(error));

/** For people, to whom the number of the file that could not grow says nothing. */
export const describeOutOfSpace = (error: Error): string =>
  sqlState(error) === '53100' ? 'no space is left for the database' : error.message;

/** Postgres' own refusal of a statement; corruption and classes 53, 57, 58 (resources, system) are not about the statement. */
export const isStatementError = (error: unknown): error is Error =>
  /^(?!53|57|58)[0-9A-Z]{5}$/.test(sqlState(error)) && !isCorruption(error);
