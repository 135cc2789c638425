import { EventId, NodeId } from '@baton/schema/ids';
import Database from 'better-sqlite3';
import type { OwnIdentity } from '../http/own-identity.ts';
import type {
  CommitReply,
  JournalChange,
  JournalContent,
  JournalEpoch,
  JournalLine,
  JournalRead,
  PruneReply,
  PruneRequest,
} from './journal.ts';

/** Says that a file is a Baton journal ("BTNJ"), whatever its name. */
export const APPLICATION_ID = 0x42544e4a;
export const SCHEMA_VERSION = 1;

export const SCHEMA = `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE streams (id INTEGER PRIMARY KEY, reader TEXT NOT NULL UNIQUE);
  CREATE TABLE epochs (
    stream INTEGER NOT NULL REFERENCES streams (id),
    epoch INTEGER NOT NULL,
    head INTEGER NOT NULL,
    acked INTEGER NOT NULL,
    confirmed INTEGER NOT NULL,
    PRIMARY KEY (stream, epoch)
  ) WITHOUT ROWID;
  CREATE TABLE reads (
    stream INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    raw BLOB NOT NULL,
    PRIMARY KEY (stream, epoch, seq)
  ) WITHOUT ROWID;
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

/** The journal's tables behind synchronous calls; `sqlite-journal.ts` opens it, a worker thread may own it. */
export interface JournalDatabase {
  readonly content: () => JournalContent;
  readonly commit: (changes: readonly JournalChange[]) => CommitReply;
  readonly read: (request: JournalRead) => readonly JournalLine[];
  readonly prune: (request: PruneRequest) => PruneReply;
  readonly close: () => void;
}

interface LineRow {
  readonly seq: number;
  readonly received_at: number;
  readonly raw: Buffer;
}

interface EpochRow {
  readonly stream: number;
  readonly epoch: number;
  readonly head: number;
  readonly acked: number;
  readonly confirmed: number;
  readonly first: number | null;
}

const prepare = (db: Database.Database) => ({
  getMeta: db.prepare<[string], { value: string }>('SELECT value FROM meta WHERE key = ?'),
  putMeta: db.prepare(
    'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  ),
  streams: db.prepare<[], { id: number; reader: string }>('SELECT id, reader FROM streams ORDER BY id'),
  addStream: db.prepare('INSERT INTO streams (reader) VALUES (?)'),
  epochs: db.prepare<[], EpochRow>(
    `SELECT *, (SELECT min(seq) FROM reads WHERE reads.stream = epochs.stream AND reads.epoch = epochs.epoch) AS first
     FROM epochs ORDER BY stream, epoch`,
  ),
  openEpoch: db.prepare(
    'INSERT INTO epochs (stream, epoch, head, acked, confirmed) VALUES (?, ?, 0, 0, ?) ON CONFLICT DO NOTHING',
  ),
  confirmEpoch: db.prepare('UPDATE epochs SET confirmed = 1 WHERE stream = ? AND epoch = ?'),
  setAcked: db.prepare('UPDATE epochs SET acked = ? WHERE stream = ? AND epoch = ?'),
  setHead: db.prepare('UPDATE epochs SET head = ?, acked = min(acked, ?) WHERE stream = ? AND epoch = ?'),
  epoch: db.prepare<[number, number], { head: number; acked: number }>(
    'SELECT head, acked FROM epochs WHERE stream = ? AND epoch = ?',
  ),
  addRead: db.prepare('INSERT INTO reads (stream, epoch, seq, received_at, raw) VALUES (?, ?, ?, ?, ?)'),
  moveReads: db.prepare('UPDATE reads SET epoch = ?, seq = seq - ? WHERE stream = ? AND epoch = ? AND seq >= ?'),
  reads: db.prepare<[number, number, number, number], LineRow>(
    'SELECT seq, received_at, raw FROM reads WHERE stream = ? AND epoch = ? AND seq >= ? ORDER BY seq LIMIT ?',
  ),
  deleteReads: db.prepare('DELETE FROM reads WHERE stream = ? AND epoch = ? AND seq <= ?'),
});

/** What belongs together in SQLite's error codes; anything else is a disk that cannot be trusted. */
const replyOf = (error: unknown): CommitReply => {
  if (!(error instanceof Database.SqliteError)) throw error;
  return { type: error.code === 'SQLITE_FULL' ? 'storage-full' : 'failed', message: error.message };
};

const identityOf = (stored: string | undefined): OwnIdentity | null => {
  if (stored === undefined) return null;
  const json = JSON.parse(stored) as { eventId: unknown; nodeId: unknown; label: unknown };
  return {
    eventId: EventId.parse(json.eventId),
    nodeId: NodeId.parse(json.nodeId),
    label: typeof json.label === 'string' ? json.label : null,
  };
};

const epochOf = ({ epoch, head, acked, confirmed, first }: EpochRow): JournalEpoch => ({
  epoch,
  first: first ?? head + 1,
  head,
  acked,
  confirmed: confirmed === 1,
});

/** @param db opened, locked and checked; the schema is there */
export const createJournalDatabase = (db: Database.Database): JournalDatabase => {
  const sql = prepare(db);
  const ids = new Map(sql.streams.all().map(({ id, reader }) => [reader, id]));

  const idOf = (reader: string): number => {
    const id = ids.get(reader);
    if (id === undefined) throw new Error(`the journal has no stream of reader ${reader}`);
    return id;
  };

  const headOf = (stream: number, epoch: number): number => {
    const row = sql.epoch.get(stream, epoch);
    if (row === undefined) throw new Error(`the journal has no epoch ${epoch} of stream ${stream}`);
    return row.head;
  };

  const openEpoch = ({ reader, epoch, confirmed }: Extract<JournalChange, { type: 'openEpoch' }>): void => {
    if (!ids.has(reader)) ids.set(reader, Number(sql.addStream.run(reader).lastInsertRowid));
    sql.openEpoch.run(idOf(reader), epoch, confirmed ? 1 : 0);
  };

  const append = ({ reader, epoch, firstSeq, lines }: Extract<JournalChange, { type: 'append' }>): void => {
    const stream = idOf(reader);
    const head = headOf(stream, epoch);
    if (firstSeq !== head + 1) throw new Error(`expected seq ${head + 1} of epoch ${epoch}, got ${firstSeq}`);
    lines.forEach(({ raw, receivedAt }, index) => {
      sql.addRead.run(stream, epoch, firstSeq + index, receivedAt, raw);
    });
    sql.setHead.run(head + lines.length, Number.MAX_SAFE_INTEGER, stream, epoch);
  };

  const move = ({ reader, epoch, fromSeq, toEpoch }: Extract<JournalChange, { type: 'move' }>): void => {
    const stream = idOf(reader);
    const moved = headOf(stream, epoch) - fromSeq + 1;
    if (headOf(stream, toEpoch) !== 0) throw new Error(`epoch ${toEpoch} is not empty`);
    sql.moveReads.run(toEpoch, fromSeq - 1, stream, epoch, fromSeq);
    sql.setHead.run(fromSeq - 1, fromSeq - 1, stream, epoch);
    sql.setHead.run(moved, 0, stream, toEpoch);
  };

  const apply = (change: JournalChange): void => {
    switch (change.type) {
      case 'setIdentity':
        sql.putMeta.run('identity', JSON.stringify(change.identity));
        return;
      case 'openEpoch':
        openEpoch(change);
        return;
      case 'confirmEpoch':
        sql.confirmEpoch.run(idOf(change.reader), change.epoch);
        return;
      case 'append':
        append(change);
        return;
      case 'setAcked':
        sql.setAcked.run(change.seq, idOf(change.reader), change.epoch);
        return;
      case 'move':
        move(change);
    }
  };

  const applyAll = db.transaction((changes: readonly JournalChange[]): void => {
    for (const change of changes) apply(change);
  });

  const reloadIds = (): void => {
    ids.clear();
    for (const { id, reader } of sql.streams.all()) ids.set(reader, id);
  };

  const read = ({ reader, epoch, fromSeq, limit }: JournalRead): JournalLine[] => {
    const rows = sql.reads.all(idOf(reader), epoch, fromSeq, limit);
    const end = rows.findIndex((row, index) => row.seq !== fromSeq + index);
    return (end < 0 ? rows : rows.slice(0, end)).map((row) => ({ raw: row.raw, receivedAt: row.received_at }));
  };

  const prune = db.transaction(({ reader, epoch, receivedBefore, limit }: PruneRequest): PruneReply => {
    const stream = idOf(reader);
    const { head, acked } = sql.epoch.get(stream, epoch) ?? { head: 0, acked: 0 };
    const rows = sql.reads.all(stream, epoch, 1, limit + 1);
    const stays = rows.findIndex((row) => row.seq > acked || row.received_at >= receivedBefore);
    const count = Math.min(stays < 0 ? rows.length : stays, limit);
    const last = rows[count - 1];
    if (last === undefined) return { first: rows[0]?.seq ?? head + 1, full: false };
    sql.deleteReads.run(stream, epoch, last.seq);
    return { first: last.seq + 1, full: count === limit };
  });

  return {
    content: () => {
      const rows = sql.epochs.all();
      return {
        identity: identityOf(sql.getMeta.get('identity')?.value),
        streams: sql.streams.all().map(({ id, reader }) => ({
          reader,
          epochs: rows.filter((row) => row.stream === id).map(epochOf),
        })),
      };
    },
    commit: (changes) => {
      try {
        applyAll.immediate(changes);
        return { type: 'committed' };
      } catch (error) {
        reloadIds(); // a stream that was added has been rolled back
        return replyOf(error);
      }
    },
    read,
    prune: (request) => {
      try {
        return prune.immediate(request);
      } catch (error) {
        if (replyOf(error).type !== 'storage-full') throw error;
        return { first: 1, full: false }; // deleting needs a little space too; nothing was deleted
      }
    },
    close: () => db.close(),
  };
};
