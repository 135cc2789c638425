import { type DBSchema, deleteDB, type IDBPDatabase, type IDBPTransaction, openDB } from 'idb';
import { mergeUpdates } from 'yjs';
import { checksum } from './checksum.ts';
import type { OutboxEntry } from './outbox-ledger.ts';

/** `sum` is the checksum of `update`, a Yjs update in V1 encoding. */
interface Row {
  readonly update: Uint8Array;
  readonly sum: number;
}

/** `state` is a cache of the relay, merged in any order; `outbox` has the edits that the relay may lack. */
interface Stores extends DBSchema {
  state: { key: number; value: Row };
  outbox: { key: string; value: Row };
}

const VERSION = 1;

export interface DeviceRows {
  /** By key. */
  readonly state: ReadonlyMap<number, Uint8Array>;
  readonly outbox: readonly OutboxEntry[];
  /** Edits that cannot be read any more. They stay where they are. */
  readonly damaged: number;
}

/** A row of the state, and how many there are with it. */
export interface AddedRow {
  readonly key: number;
  readonly rows: number;
}

export interface DeviceDatabaseEvents {
  /** Another tab with an older page holds it open. */
  readonly onBlocked: () => void;
  /** It is closed under us: deleted or cleared, or to be changed by a newer page. Nothing more can be stored. */
  readonly onGone: (why: 'evicted' | 'superseded') => void;
}

/** One document on this device. Each write is one transaction; it rejects with IndexedDB's exceptions. */
export interface DeviceDatabase {
  readonly load: () => Promise<DeviceRows>;
  /** Resolves when they are on the disk itself. */
  readonly addEdits: (entries: readonly OutboxEntry[]) => Promise<void>;
  /** Edits that the relay has: those still here become part of the state, in the same transaction. Null: none were. */
  readonly settle: (entries: readonly OutboxEntry[]) => Promise<AddedRow | null>;
  readonly addState: (update: Uint8Array) => Promise<AddedRow>;
  /**
   * Puts one row in the place of all. `encode` is given those with other keys than `seen`, and gives back a
   * state that has them too. Resolves with the row's key.
   */
  readonly compact: (seen: ReadonlySet<number>, encode: Encode) => Promise<number>;
  /** After what is under way. */
  readonly close: () => void;
}

const row = (update: Uint8Array): Row => ({ update, sum: checksum(update) });

/** Null when it is not what was stored. */
const readRow = (stored: unknown): Uint8Array | null => {
  if (typeof stored !== 'object' || stored === null || !('update' in stored) || !('sum' in stored)) return null;
  const { update, sum } = stored;
  return update instanceof Uint8Array && checksum(update) === sum ? update : null;
};

const readable = <K>(keys: readonly K[], rows: readonly unknown[]): readonly (readonly [K, Uint8Array])[] =>
  keys.flatMap((key, index) => {
    const update = readRow(rows[index]);
    return update === null ? [] : [[key, update] as const];
  });

const loadOutbox = async (db: IDBPDatabase<Stores>): Promise<Pick<DeviceRows, 'outbox' | 'damaged'>> => {
  const { store, done } = db.transaction('outbox');
  const [ids, rows] = await Promise.all([store.getAllKeys(), store.getAll(), done]);
  const outbox = readable(ids, rows).map(([id, update]) => ({ id, update }));
  return { outbox, damaged: ids.length - outbox.length };
};

/** What cannot be read of it the relay has: it is left out, or, when the browser cannot read any, wiped. */
const loadState = async (db: IDBPDatabase<Stores>): Promise<DeviceRows['state']> => {
  try {
    const { store, done } = db.transaction('state');
    const [keys, rows] = await Promise.all([store.getAllKeys(), store.getAll(), done]);
    return new Map(readable(keys, rows));
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    await db.clear('state');
    return new Map();
  }
};

/** The outbox first: an edit that another tab settles meanwhile is then read twice, never missed. */
const load = async (db: IDBPDatabase<Stores>): Promise<DeviceRows> => {
  const edits = await loadOutbox(db);
  return { ...edits, state: await loadState(db) };
};

const addEdits = async (db: IDBPDatabase<Stores>, entries: readonly OutboxEntry[]): Promise<void> => {
  const tx = db.transaction('outbox', 'readwrite', { durability: 'strict' });
  await Promise.all([...entries.map(({ id, update }) => tx.store.put(row(update), id)), tx.done]);
};

type ReadWrite<Names extends ('state' | 'outbox')[]> = IDBPTransaction<Stores, Names, 'readwrite'>;

const moveEdits = async (
  tx: ReadWrite<['state', 'outbox']>,
  entries: readonly OutboxEntry[],
): Promise<AddedRow | null> => {
  const [state, outbox] = [tx.objectStore('state'), tx.objectStore('outbox')];
  const keys = await Promise.all(entries.map(({ id }) => outbox.getKey(id)));
  const present = entries.filter((_entry, index) => keys[index] !== undefined);
  if (present.length === 0) return null;
  const [key, rows] = await Promise.all([
    state.add(row(mergeUpdates(present.map(({ update }) => update)))),
    state.count(),
    ...present.map(({ id }) => outbox.delete(id)),
  ]);
  return { key, rows };
};

const settle = async (db: IDBPDatabase<Stores>, entries: readonly OutboxEntry[]): Promise<AddedRow | null> => {
  const tx = db.transaction(['state', 'outbox'], 'readwrite');
  const [added] = await Promise.all([moveEdits(tx, entries), tx.done]);
  return added;
};

const addState = async (db: IDBPDatabase<Stores>, update: Uint8Array): Promise<AddedRow> => {
  const tx = db.transaction('state', 'readwrite');
  const [key, rows] = await Promise.all([tx.store.add(row(update)), tx.store.count(), tx.done]);
  return { key, rows };
};

type Encode = (unseen: readonly Uint8Array[]) => Uint8Array;

const replaceState = async (tx: ReadWrite<['state']>, seen: ReadonlySet<number>, encode: Encode): Promise<number> => {
  const { store } = tx;
  const keys = (await store.getAllKeys()).filter((key) => !seen.has(key));
  const rows = await Promise.all(keys.map((key) => store.get(key)));
  const unseen = rows.map(readRow).filter((update) => update !== null);
  await store.clear();
  return store.add(row(encode(unseen)));
};

const compact = async (db: IDBPDatabase<Stores>, seen: ReadonlySet<number>, encode: Encode): Promise<number> => {
  const tx = db.transaction('state', 'readwrite');
  const [key] = await Promise.all([replaceState(tx, seen, encode), tx.done]);
  return key;
};

/** Closes it at once when somebody else wants it changed or deleted, as every connection must. */
const openStores = (name: string, events: DeviceDatabaseEvents): Promise<IDBPDatabase<Stores>> =>
  openDB<Stores>(name, VERSION, {
    upgrade: (made) => {
      made.createObjectStore('state', { autoIncrement: true });
      made.createObjectStore('outbox');
    },
    blocked: events.onBlocked,
    blocking: (_current, blocked, event) => {
      if (event.target instanceof IDBDatabase) event.target.close();
      events.onGone(blocked === null ? 'evicted' : 'superseded');
    },
    terminated: () => events.onGone('evicted'),
  });

const isWhole = (db: IDBPDatabase<Stores>): boolean =>
  db.objectStoreNames.contains('state') && db.objectStoreNames.contains('outbox');

/** Opens, or makes, the database `name`; one without its stores was never ours, or is broken, and is made anew. */
export const openDeviceDatabase = async (name: string, events: DeviceDatabaseEvents): Promise<DeviceDatabase> => {
  let db = await openStores(name, events);
  if (!isWhole(db)) {
    db.close();
    await deleteDB(name);
    db = await openStores(name, events);
  }
  const whole = db;
  return {
    load: () => load(whole),
    addEdits: (entries) => addEdits(whole, entries),
    settle: (entries) => settle(whole, entries),
    addState: (update) => addState(whole, update),
    compact: (seen, encode) => compact(whole, seen, encode),
    close: () => whole.close(),
  };
};

/** Something short with a document's database that nobody need have open. */
const visit = async <T>(name: string, otherwise: T, use: (db: IDBPDatabase<Stores>) => Promise<T>): Promise<T> => {
  const db = await openStores(name, { onBlocked: () => {}, onGone: () => {} });
  try {
    return isWhole(db) ? await use(db) : otherwise;
  } finally {
    db.close();
  }
};

export const countOutbox = (name: string): Promise<number> => visit(name, 0, (db) => db.count('outbox'));

/** The edits in an outbox that can be read. */
export const readOutbox = (name: string): Promise<readonly OutboxEntry[]> =>
  visit<readonly OutboxEntry[]>(name, [], async (db) => (await loadOutbox(db)).outbox);

/** All that is kept of a document and can be read: what the relay had confirmed, and the edits. */
export const readCopy = (name: string): Promise<readonly Uint8Array[]> =>
  visit<readonly Uint8Array[]>(name, [], async (db) => {
    const { state, outbox } = await load(db);
    return [...state.values(), ...outbox.map(({ update }) => update)];
  });

/** The edits wait here no more, and stay part of what is kept. */
export const settleOutbox = (name: string, entries: readonly OutboxEntry[]): Promise<void> =>
  visit(name, undefined, async (db) => void (await settle(db, entries)));

/** Resolves when they are on the disk itself. */
export const fillOutbox = (name: string, entries: readonly OutboxEntry[]): Promise<void> =>
  visit(name, undefined, (db) => addEdits(db, entries));
