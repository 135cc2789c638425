import type { Database } from 'better-sqlite3';
import { COUNTED_SIZES } from '../../storage/sqlite/migrations/0005-sizes-and-day-uses.ts';
import type { Notes } from './findings.ts';

interface SizeRow {
  readonly event: string;
  readonly told: number | null;
  readonly counted: number | null;
}

/** What each event is said to hold is what its rows hold; else it can be counted again, as an index can be made again. */
export const examineSizes = (db: Database, notes: Notes): void => {
  for (const _ of db.prepare('SELECT 1 FROM event_sizes').iterate()) notes.count('event_sizes');
  const rows = db.prepare<[], SizeRow>(
    `SELECT event_id AS event, s.bytes AS told, c.bytes AS counted
     FROM event_sizes s FULL JOIN (${COUNTED_SIZES}) c USING (event_id)
     WHERE ifnull(s.bytes, 0) <> ifnull(c.bytes, 0)`,
  );
  for (const { event, told, counted } of rows.iterate()) {
    const message = `it tells ${told ?? 0} bytes, the rows have ${counted ?? 0}`;
    notes.note({ table: 'event_sizes', where: event, message, cure: 'index' });
  }
};

/** Counts the sizes of all events again. */
export const countSizesAgain = (db: Database): void => {
  db.exec(`DELETE FROM event_sizes; INSERT INTO event_sizes ${COUNTED_SIZES}`);
};
