import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';

const FILE = 'journal.db';

/**
 * How many reads a forwarder has on disk. The running forwarder owns its journal, so a copy is looked at;
 * what the copy holds, the disk holds.
 */
export const journalledReads = (journal: string): number => {
  if (!existsSync(join(journal, FILE))) return 0;
  const copy = mkdtempSync(join(tmpdir(), 'baton-journal-'));
  try {
    cpSync(journal, copy, { recursive: true });
    const db = new Database(join(copy, FILE));
    const row = db.prepare<[], { reads: number }>('SELECT count(*) AS reads FROM reads').get();
    db.close();
    return row?.reads ?? 0;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
};
