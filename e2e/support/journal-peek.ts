import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';

const FILE = 'journal.db';

/** The running forwarder owns its journal, so a copy is looked at; what the copy holds, the disk holds. */
const peek = <T>(journal: string, look: (db: Database.Database) => T): T => {
  const copy = mkdtempSync(join(tmpdir(), 'baton-journal-'));
  try {
    cpSync(journal, copy, { recursive: true });
    const db = new Database(join(copy, FILE));
    try {
      return look(db);
    } finally {
      db.close();
    }
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
};

/** How many reads a forwarder has on disk. */
export const journalledReads = (journal: string): number => {
  if (!existsSync(join(journal, FILE))) return 0;
  return peek(
    journal,
    (db) => db.prepare<[], { reads: number }>('SELECT count(*) AS reads FROM reads').get()?.reads ?? 0,
  );
};

export interface JournalledEpoch {
  readonly epoch: number;
  readonly acked: number;
  /** In order of their numbers, from 1 on without a gap. */
  readonly lines: readonly string[];
}

interface LineRow {
  readonly epoch: number;
  readonly seq: number;
  readonly raw: Buffer;
}

/** What a forwarder has on disk of one reader; fails where the numbers of an epoch are not 1, 2, 3, … */
export const journalledEpochs = (journal: string, reader: string): readonly JournalledEpoch[] =>
  peek(journal, (db) => {
    const stream = '(SELECT id FROM streams WHERE reader = ?)';
    const epochs = db
      .prepare<[string], { epoch: number; acked: number }>(
        `SELECT epoch, acked FROM epochs WHERE stream = ${stream} ORDER BY epoch`,
      )
      .all(reader);
    const rows = db
      .prepare<[string], LineRow>(`SELECT epoch, seq, raw FROM reads WHERE stream = ${stream} ORDER BY epoch, seq`)
      .all(reader);
    return epochs.map(({ epoch, acked }) => {
      const own = rows.filter((it) => it.epoch === epoch);
      const gap = own.findIndex((it, at) => it.seq !== at + 1);
      if (gap >= 0) throw new Error(`epoch ${epoch} of ${reader} has seq ${own[gap]?.seq} in place ${gap + 1}`);
      return { epoch, acked, lines: own.map((it) => it.raw.toString('latin1')) };
    });
  });
