import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { type Batch, decodeBatch } from '@baton/schema/reads';
import { err, ok, type Result } from '@baton/schema/result';
import Database from 'better-sqlite3';
import * as Y from 'yjs';
import { DATABASE_FILE } from '../storage/sqlite/database.ts';
import { MIGRATIONS } from '../storage/sqlite/migrations/index.ts';

export interface Finding {
  readonly table: string;
  /** Which row, in words. */
  readonly where: string;
  readonly message: string;
}

export interface Report {
  readonly findings: readonly Finding[];
  /** Findings beyond those that are told. */
  readonly more: number;
  /** Rows that were looked at, by table. */
  readonly counts: Readonly<Record<string, number>>;
}

export interface NotExamined {
  readonly type: 'not-examined';
  readonly message: string;
}

/** More say no more. */
const MAX_FINDINGS = 100;

const not = (message: string): Result<never, NotExamined> => err({ type: 'not-examined', message });

interface Notes {
  readonly count: (table: string) => void;
  readonly note: (finding: Finding) => void;
}

interface BatchRow {
  readonly stream: string;
  readonly epoch: number;
  readonly first: number;
  readonly count: number;
  readonly crc: number;
  readonly bytes: Buffer;
}

const batchDefect = (row: BatchRow): string | Batch => {
  if (crc32(row.bytes) !== row.crc) return 'its checksum does not fit';
  const batch = decodeBatch(row.bytes);
  if (!batch.ok) return `it does not decode: ${batch.error.message}`;
  return batch.value.count === row.count ? batch.value : `it holds ${batch.value.count} reads, ${row.count} are told`;
};

/** Every row of an epoch, in order: each one whole, each following the one before, all together as many as told, and with the seal's hash. */
const examineEpoch = (
  rows: Iterable<BatchRow>,
  notes: Notes,
): { readonly last: number; readonly hash: string; readonly isWhole: boolean } => {
  const hash = createHash('sha256');
  let last = 0;
  let isWhole = true;
  for (const row of rows) {
    notes.count('batches');
    const where = `${row.stream} epoch ${row.epoch}, reads from ${row.first}`;
    const found = batchDefect(row);
    if (row.first !== last + 1) notes.note({ table: 'batches', where, message: `expected read ${last + 1}` });
    if (typeof found === 'string') notes.note({ table: 'batches', where, message: found });
    else for (let index = 0; index < found.count; index++) hash.update(found.rawAt(index)).update('\n');
    isWhole &&= typeof found !== 'string' && row.first === last + 1;
    last = row.first + row.count - 1;
  }
  return { last, hash: hash.digest('hex'), isWhole };
};

const examineLog = (db: Database.Database, notes: Notes): void => {
  const epochs = db.prepare<[], { ref: number; stream: string; epoch: number; head: number; hash: string | null }>(
    `SELECT e.stream_ref AS ref, s.stream_id AS stream, e.epoch, e.head, e.hash FROM epochs e
     JOIN streams s USING (stream_ref) ORDER BY s.stream_id, e.epoch`,
  );
  const rowsOf = db.prepare<[number, number], BatchRow>(
    `SELECT s.stream_id AS stream, b.epoch, b.first_seq AS first, b.count, b.crc, b.bytes FROM batches b
     JOIN streams s USING (stream_ref) WHERE b.stream_ref = ? AND b.epoch = ? ORDER BY b.first_seq`,
  );
  for (const { ref, stream, epoch, head, hash } of epochs.all()) {
    notes.count('epochs');
    const where = `${stream} epoch ${epoch}`;
    const found = examineEpoch(rowsOf.iterate(ref, epoch), notes);
    if (found.last !== head)
      notes.note({ table: 'epochs', where, message: `it tells ${head} reads, the rows end at ${found.last}` });
    else if (hash !== null && found.isWhole && found.hash !== hash)
      notes.note({ table: 'epochs', where, message: 'its lines are not those that were sealed' });
  }
};

const examineDocs = (db: Database.Database, notes: Notes): void => {
  const names = db.prepare<[], { ref: number; name: string }>('SELECT doc_ref AS ref, name FROM docs ORDER BY name');
  const updates = db.prepare<[number], { ref: number; crc: number; bytes: Buffer }>(
    'SELECT update_ref AS ref, crc, bytes FROM doc_updates WHERE doc_ref = ? ORDER BY update_ref',
  );
  for (const { ref, name } of names.all()) {
    notes.count('docs');
    const doc = new Y.Doc({ gc: false });
    for (const row of updates.iterate(ref)) {
      notes.count('doc_updates');
      const message = updateDefect(doc, row);
      if (message !== null) notes.note({ table: 'doc_updates', where: `${name}, update ${row.ref}`, message });
    }
    doc.destroy();
  }
};

const updateDefect = (doc: Y.Doc, { crc, bytes }: { readonly crc: number; readonly bytes: Buffer }): string | null => {
  if (crc32(bytes) !== crc) return 'its checksum does not fit';
  try {
    Y.applyUpdate(doc, bytes);
    return null;
  } catch (error) {
    return `it does not decode: ${error instanceof Error ? error.message : String(error)}`;
  }
};

const examineFacts = (db: Database.Database, notes: Notes): void => {
  const facts = db.prepare<[], { event: string; kind: string; key: string; crc: number; bytes: Buffer }>(
    'SELECT event_id AS event, kind, key, crc, bytes FROM event_facts',
  );
  for (const { event, kind, key, crc, bytes } of facts.iterate()) {
    notes.count('event_facts');
    if (crc32(bytes) === crc) continue;
    notes.note({ table: 'event_facts', where: `${event} ${kind} ${key}`, message: 'its checksum does not fit' });
  }
};

/** What SQLite itself sees: pages, indexes, keys. */
const examineFile = (db: Database.Database, notes: Notes): void => {
  for (const { integrity_check: message } of db.pragma('integrity_check') as readonly {
    readonly integrity_check: string;
  }[]) {
    if (message !== 'ok') notes.note({ table: DATABASE_FILE, where: 'the file', message });
  }
};

const layoutOf = (db: Database.Database): number =>
  db.prepare<[], { version: number | null }>('SELECT max(version) AS version FROM layouts').get()?.version ?? 0;

const examineAll = (db: Database.Database): Result<Report, NotExamined> => {
  const known = MIGRATIONS.at(-1)?.version ?? 0;
  const layout = layoutOf(db);
  if (layout > known) return not(`its layout is ${layout}, this program knows ${known}; use the program that wrote it`);
  const findings: Finding[] = [];
  const counts: Record<string, number> = { epochs: 0, batches: 0, docs: 0, doc_updates: 0, event_facts: 0 };
  let more = 0;
  const notes: Notes = {
    count: (table) => {
      counts[table] = (counts[table] ?? 0) + 1;
    },
    note: (finding) => {
      if (findings.length < MAX_FINDINGS) findings.push(finding);
      else more++;
    },
  };
  examineFile(db, notes);
  examineLog(db, notes);
  examineDocs(db, notes);
  if (layout >= 3) examineFacts(db, notes);
  return ok({ findings, more, counts });
};

/** Looks at every row of a data directory that no relay uses, and changes nothing. */
export const examine = (dataDir: string): Result<Report, NotExamined> => {
  const path = join(dataDir, DATABASE_FILE);
  if (!existsSync(path)) return not(`${dataDir}: expected a relay’s data directory; there is no ${DATABASE_FILE}`);
  try {
    const db = new Database(path, { readonly: true, fileMustExist: true, timeout: 500 });
    try {
      return examineAll(db);
    } finally {
      db.close();
    }
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error;
    if (/^SQLITE_(BUSY|LOCKED)/u.test(error.code))
      return not(`${dataDir} is in use by a relay: stop it first, or examine a backup that was restored`);
    return ok({ findings: [{ table: DATABASE_FILE, where: 'the file', message: error.message }], more: 0, counts: {} });
  }
};
