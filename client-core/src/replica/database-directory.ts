import { SCHEMA_VERSION } from '@baton/schema/sql';

/** The installed PGlite; a database of another version is not opened (its issue 874), it is built anew. */
export const PGLITE_VERSION = '0.5.16';

/** Directory name of a database: PGlite's version and the tables' version. */
export const DATABASE_NAME = `pglite-${PGLITE_VERSION}-s${SCHEMA_VERSION}`;

/** Where a database lies, and what is to be done there besides opening it. */
export interface DatabaseDirectory {
  readonly path: string;
  /** Removes what must not be opened: other versions, a half-made database, a damaged one kept so far. Says what it removed. */
  readonly tidy: () => Promise<readonly string[]>;
  /** A database lies there that was complete once. */
  readonly isSound: () => Promise<boolean>;
  /** The database is complete. */
  readonly markSound: () => Promise<void>;
  /** Moves the database out of the way, so that a fresh one can be made in its place. */
  readonly setAside: () => Promise<void>;
  /** Too little space is left for a database to work, or to be made anew. */
  readonly isFull: () => Promise<boolean>;
  /** Gives the space of a database set aside back. */
  readonly dropSetAside: () => Promise<void>;
}
