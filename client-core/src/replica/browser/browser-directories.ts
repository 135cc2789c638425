import { DATABASE_NAME, type DatabaseDirectory } from '../database-directory.ts';

/** Where a browser can keep a database; `memory` is gone with the page. */
export type StorageMode = 'opfs' | 'indexeddb' | 'memory';

/** What a page has of `navigator.storage` and `indexedDB`; null where the browser gives it none. */
export interface BrowserStorage {
  readonly manager: StorageManager | null;
  readonly indexedDb: IDBFactory | null;
}

/** A fresh database takes 40 MB, a write-ahead log segment 16. */
const MIN_FREE_BYTES = 64 * 1024 * 1024;
const ROOT = 'baton-replicas';

/** Too little is left of what the browser grants; false when it does not say. */
export const isQuotaSpent = async ({ manager }: BrowserStorage): Promise<boolean> => {
  if (manager === null) return false;
  const { quota, usage } = await manager.estimate();
  return quota !== undefined && usage !== undefined && quota - usage < MIN_FREE_BYTES;
};

/** `slot` a, or b when another worker still has a open. */
export type Slot = 'a' | 'b';

const databaseName = (slot: Slot): string => `${DATABASE_NAME}-${slot}`;

const isNotFound = (error: unknown): boolean => error instanceof DOMException && error.name === 'NotFoundError';

const removeEntry = async (parent: FileSystemDirectoryHandle, name: string): Promise<void> => {
  try {
    await parent.removeEntry(name, { recursive: true });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
};

const namesIn = async (folder: FileSystemDirectoryHandle): Promise<readonly string[]> => {
  const names: string[] = [];
  for await (const name of (folder as unknown as { keys(): AsyncIterable<string> }).keys()) names.push(name);
  return names;
};

const never = async (): Promise<never> => {
  throw new DOMException('the browser gives this page no such storage', 'NotSupportedError');
};

/**
 * Files of the page's origin, `baton-replicas/<name>/<database>`, with `<database>.sound` beside it once it was opened
 * completely: without that mark a kill came during its first open, and PGlite would never open it again.
 */
const opfsDirectory = (storage: BrowserStorage, name: string, slot: Slot): DatabaseDirectory => {
  const database = databaseName(slot);
  const mark = `${database}.sound`;
  const folder = async (): Promise<FileSystemDirectoryHandle> => {
    const root = await (storage.manager?.getDirectory() ?? never());
    const replicas = await root.getDirectoryHandle(ROOT, { create: true });
    return replicas.getDirectoryHandle(name, { create: true });
  };
  const remove = async (entry: string): Promise<void> => removeEntry(await folder(), entry);
  return {
    path: `opfs-ahp://${ROOT}/${name}/${database}`,
    tidy: async () => {
      const here = await folder();
      const all = await namesIn(here);
      const stale = all.filter((it) => isStale(it, slot, all.includes(mark)));
      for (const it of stale) await removeEntry(here, it);
      return stale;
    },
    isSound: async () => (await namesIn(await folder())).includes(mark),
    markSound: async () => {
      await (await folder()).getFileHandle(mark, { create: true });
    },
    setAside: async () => {
      await remove(mark);
      await remove(database);
    },
    isFull: () => isQuotaSpent(storage),
    dropSetAside: async () => {},
  };
};

/** Other versions go, and a database without its mark; the other slot may be in use and stays. */
const isStale = (entry: string, slot: Slot, sound: boolean): boolean => {
  if (!entry.startsWith(DATABASE_NAME)) return true;
  return !sound && entry === databaseName(slot);
};

const settled = (request: IDBOpenDBRequest): Promise<void> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => {
      const { result } = request as { result?: IDBDatabase };
      result?.close();
      resolve();
    };
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new DOMException(`another page has it open`, 'InvalidStateError'));
  });

/** PGlite names the IndexedDB database `/pglite/<name>`; the mark is an empty database beside it. */
const indexedDbDirectory = (storage: BrowserStorage, name: string, slot: Slot): DatabaseDirectory => {
  const prefix = `baton.${name}.`;
  const database = `/pglite/${prefix}${databaseName(slot)}`;
  const mark = `${database}.sound`;
  const factory = async (): Promise<IDBFactory> => storage.indexedDb ?? never();
  const names = async () => (await (await factory()).databases()).flatMap((it) => it.name ?? []);
  const remove = async (entry: string): Promise<void> => settled((await factory()).deleteDatabase(entry));
  return {
    path: `idb://${prefix}${databaseName(slot)}`,
    tidy: async () => {
      const all = await names();
      const own = all.filter((it) => it.startsWith(`/pglite/${prefix}`));
      const sound = all.includes(mark);
      const stale = own.filter((it) => isStale(it.slice(`/pglite/${prefix}`.length), slot, sound));
      for (const it of stale) await remove(it);
      return stale;
    },
    isSound: async () => (await names()).includes(mark),
    markSound: async () => settled((await factory()).open(mark)),
    setAside: async () => {
      await remove(mark);
      await remove(database);
    },
    isFull: () => isQuotaSpent(storage),
    dropSetAside: async () => {},
  };
};

const nothing = async (): Promise<void> => {};

const memoryDirectory: DatabaseDirectory = {
  path: 'memory://',
  tidy: async () => [],
  isSound: async () => false,
  markSound: nothing,
  setAside: nothing,
  isFull: async () => false,
  dropSetAside: nothing,
};

/** @param name of the replica: of `A-Za-z0-9._~-`, others of the same origin have others */
export const browserDirectory = (
  storage: BrowserStorage,
  mode: StorageMode,
  name: string,
  slot: Slot,
): DatabaseDirectory => {
  if (mode === 'memory') return memoryDirectory;
  return mode === 'opfs' ? opfsDirectory(storage, name, slot) : indexedDbDirectory(storage, name, slot);
};

/** Removes all that this browser keeps of a replica. Nobody may have it open. */
export const forgetReplica = async (storage: BrowserStorage, name: string): Promise<void> => {
  if (storage.manager !== null) {
    const root = await storage.manager.getDirectory();
    const replicas = await root.getDirectoryHandle(ROOT, { create: true });
    await removeEntry(replicas, name);
  }
  const { indexedDb } = storage;
  if (indexedDb === null) return;
  for (const { name: found } of await indexedDb.databases()) {
    if (found?.startsWith(`/pglite/baton.${name}.`)) await settled(indexedDb.deleteDatabase(found));
  }
};
