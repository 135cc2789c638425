import type { Database } from 'better-sqlite3';
import type { EventSize, RelayRecords } from '../records.ts';
import type { CommitReply, ReadCommand, StoredBatch } from '../store.ts';
import { StoreOpenError } from '../store-error.ts';
import { createAppender } from './append.ts';
import { createBatchRows } from './batch-rows.ts';
import { createCheckpoint } from './checkpoint.ts';
import { createCompaction } from './compaction.ts';
import { type DatabaseOptions, databaseBytes, openDatabase, openError } from './database.ts';
import { createDocRows, type DocExtent, type DocRows } from './doc-rows.ts';
import { createFactRows, type FactRows } from './fact-rows.ts';
import { loadRecords } from './load.ts';
import { type EpochEntry, epochKey, loadLogState } from './log-state.ts';
import { readRows } from './read.ts';
import { createApplyChange } from './records.ts';
import { bytesOfRequest, createRunRequest, type WriteReply, type WriteRequest } from './requests.ts';
import { findDamagedRecord } from './row-checks.ts';
import { createWriteSeal, type Sealing, type SealRequest, startSealing } from './seal.ts';
import { createTransactions, type Transactions } from './transactions.ts';

/** The synchronous store: one connection, one caller. The worker thread runs it. */
export interface SqliteCore {
  readonly load: () => RelayRecords;
  /** One transaction and one sync for all; the answers are in the order of the requests. */
  readonly write: (requests: readonly WriteRequest[]) => readonly WriteReply[];
  readonly readBatches: (command: ReadCommand) => readonly StoredBatch[];
  readonly loadDoc: (name: string) => readonly Uint8Array[];
  readonly docNames: DocRows['names'];
  readonly loadFacts: FactRows['load'];
  readonly docExtent: DocRows['extent'];
  readonly docRows: DocRows['rows'];
  /** In a transaction of its own. */
  readonly replaceDoc: (extent: DocExtent, state: Uint8Array) => CommitReply | { readonly type: 'not-there' };
  readonly startSealing: (request: SealRequest) => Sealing;
  readonly finishSealing: (request: SealRequest, hash: string) => CommitReply | { readonly type: 'not-there' };
  /** Whether there is work for a quiet moment: compaction or a checkpoint. */
  readonly hasUpkeep: () => boolean;
  /** A few milliseconds of that work. */
  readonly upkeep: () => void;
  /** Page by page, in turns of the event loop; commits of this connection in between reach the copy too. */
  readonly backup: (path: string) => Promise<void>;
  readonly eventSizes: () => readonly EventSize[];
  readonly sizeBytes: () => number;
  /** Set once a disk failure was seen: every later write is refused with it. */
  readonly failure: () => string | null;
  readonly takeSyncs: Transactions['takeSyncs'];
  readonly close: () => void;
}

/** Pages of one turn of a backup: a megabyte, some two milliseconds. */
const BACKUP_PAGES = 256;

/** Everything of the synchronous store on an open, migrated database. */
export const createSqliteCore = (db: Database, dataDir: string): SqliteCore => {
  const base = loadLogState(db);
  const rows = createBatchRows(db);
  const docs = createDocRows(db);
  const facts = createFactRows(db);
  const appender = createAppender(db, rows);
  const applyChange = createApplyChange(db, { batches: rows, docs, facts });
  const runRequest = createRunRequest(db, { appender, docs, applyChange });
  const compaction = createCompaction(db, rows);
  const checkpoint = createCheckpoint(db);
  const writeSeal = createWriteSeal(db);
  const eventSizes = db.prepare<[], EventSize>('SELECT event_id AS eventId, bytes FROM event_sizes WHERE bytes > 0');
  const transactions = createTransactions(db, dataDir, base);
  const hooks = { beforeCommit: appender.flush, undone: appender.forget };
  let compactionPaused = false;
  for (const [key, entry] of base.epochs) compaction.consider(key, entry);

  const entryOf = (pair: Pick<ReadCommand, 'streamId' | 'epoch'>): EpochEntry | undefined => {
    const stream = base.streams.get(pair.streamId);
    return stream === undefined ? undefined : base.epochs.get(epochKey(stream.ref, pair.epoch));
  };

  const considerAppended = (requests: readonly WriteRequest[]): void => {
    for (const request of requests) {
      const entry = request.type === 'append' ? entryOf(request.command) : undefined;
      if (entry !== undefined) compaction.consider(epochKey(entry.ref, entry.epoch), entry);
    }
  };

  const write = (requests: readonly WriteRequest[]): readonly WriteReply[] => {
    const outcome = transactions.run((state) => requests.map((request) => runRequest(state, request)), hooks);
    if (outcome.type !== 'done') return requests.map(() => outcome);
    let bytes = 0;
    for (const request of requests) bytes += bytesOfRequest(request);
    checkpoint.noteCommit(requests.length, bytes);
    considerAppended(requests);
    compactionPaused = false;
    return outcome.value;
  };

  const finishSealing: SqliteCore['finishSealing'] = (request, hash) => {
    const outcome = transactions.run((state) => writeSeal(state, request, hash), hooks);
    if (outcome.type !== 'done') return outcome;
    return outcome.value ? { type: 'committed' } : { type: 'not-there' };
  };

  const replaceDoc: SqliteCore['replaceDoc'] = (extent, state) => {
    const outcome = transactions.run(() => docs.replace(extent, state), hooks);
    if (outcome.type !== 'done') return outcome;
    if (!outcome.value) return { type: 'not-there' };
    checkpoint.noteCommit(extent.count, state.length);
    return { type: 'committed' };
  };

  const hasUpkeep = (): boolean =>
    transactions.failure() === null && (checkpoint.isDue() || (compaction.hasWork() && !compactionPaused));

  const upkeep = (): void => {
    if (checkpoint.isDue()) {
      transactions.checkpoint(checkpoint.run);
      return;
    }
    const outcome = transactions.run((state) => compaction.step(state), hooks);
    // what it wrote is in the write-ahead log too: untold, that would grow as large as the data
    if (outcome.type === 'done') checkpoint.noteCommit(1, outcome.value);
    else compactionPaused = true; // full: again after the next commit that worked
  };

  return {
    load: () => transactions.read(() => loadRecords(db)),
    write,
    readBatches: (command) => {
      const entry = entryOf(command);
      return entry === undefined ? [] : transactions.read(() => readRows(rows, entry, command));
    },
    loadDoc: (name) => transactions.read(() => docs.load(name)),
    docNames: (prefix) => transactions.read(() => docs.names(prefix)),
    loadFacts: (eventId, kind) => transactions.read(() => facts.load(eventId, kind)),
    docExtent: (name) => transactions.read(() => docs.extent(name)),
    docRows: (extent, after, limit) => transactions.read(() => docs.rows(extent, after, limit)),
    replaceDoc,
    startSealing: (request) => {
      const sealing = startSealing(base, rows, request);
      return { step: () => transactions.read(sealing.step) };
    },
    finishSealing,
    hasUpkeep,
    upkeep,
    backup: async (path) => {
      await db.backup(path, { progress: () => BACKUP_PAGES });
    },
    eventSizes: () => transactions.read(() => eventSizes.all()),
    sizeBytes: () => databaseBytes(dataDir),
    failure: transactions.failure,
    takeSyncs: transactions.takeSyncs,
    close: () => {
      if (transactions.failure() === null) db.close();
    },
  };
};

/** Records are read once, here: a flipped byte in one is found before anything is done by it (P24). */
const refuseDamagedRecords = (db: Database, dataDir: string): void => {
  const damaged = findDamagedRecord(db);
  if (damaged === null) return;
  throw new StoreOpenError(
    'damaged',
    `data directory ${dataDir} is damaged (table ${damaged.table}, ${damaged.where}): look at it with baton doctor, and restore a backup into a new directory`,
  );
};

/** Opens a data directory. Throws `StoreOpenError`. */
export const openSqliteCore = (options: DatabaseOptions): SqliteCore => {
  const db = openDatabase(options);
  try {
    refuseDamagedRecords(db, options.dataDir);
    return createSqliteCore(db, options.dataDir);
  } catch (error) {
    db.close();
    throw openError(options.dataDir, error);
  }
};
