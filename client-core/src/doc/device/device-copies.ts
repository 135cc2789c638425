import { deleteDB } from 'idb';
import type { KeepCopy } from '../local-copy.ts';
import { createDeviceCopy, type DeviceCopyDeps } from './device-copy.ts';
import { countOutbox, fillOutbox, readCopy, readOutbox, settleOutbox } from './device-database.ts';
import { openTabChannel } from './tab-channel.ts';

/**
 * Whose copies: one browser may be used by several people, who must not see each other's documents, so each
 * has databases of their own. Never made from a secret.
 */
export interface DeviceOwner {
  /** As `GET /api/v1/me` says; null for the relay's own admin token. */
  readonly tokenId: string | null;
  readonly role: string;
}

const ROOT = 'baton/docs/';

const prefixOf = ({ role, tokenId }: DeviceOwner): string => `${ROOT}${role}/${tokenId ?? 'relay'}/`;

/** Keeps the documents of one person on this device. */
export const createDeviceCopies =
  (deps: DeviceCopyDeps, owner: DeviceOwner): KeepCopy =>
  (name, events) =>
    createDeviceCopy(deps, prefixOf(owner) + name, events);

/** Other tabs let go of it. */
const deleteCopy = async (database: string): Promise<void> => {
  const channel = openTabChannel(database, () => {});
  channel.post({ type: 'signed-out' });
  channel.close();
  await deleteDB(database);
};

const isOf =
  (owner: DeviceOwner) =>
  (database: string): boolean =>
    database.startsWith(prefixOf(owner));

/** Name of the document in a database's name: after the root, the role and the token. */
const documentOf = (database: string): string => database.split('/').slice(4).join('/');

/** Names of all documents' databases; empty where the browser has no storage, or cannot list it. */
const allDatabases = async (): Promise<readonly string[]> => {
  try {
    const all = await indexedDB.databases();
    return all.flatMap(({ name }) => (name?.startsWith(ROOT) ? [name] : []));
  } catch (error) {
    if (error instanceof DOMException || error instanceof TypeError || error instanceof ReferenceError) return [];
    throw error;
  }
};

const countUnsaved = async (databases: readonly string[]): Promise<ReadonlyMap<string, number>> => {
  const unsaved = new Map<string, number>();
  for (const database of databases) {
    const edits = await countOutbox(database);
    const name = documentOf(database);
    if (edits > 0) unsaved.set(name, (unsaved.get(name) ?? 0) + edits);
  }
  return unsaved;
};

/** Documents of this person with edits on this device that the relay has not confirmed, and how many. */
export const unsavedOnDevice = async (owner: DeviceOwner): Promise<ReadonlyMap<string, number>> =>
  countUnsaved((await allDatabases()).filter(isOf(owner)));

/** Databases that others used here, of documents whose names begin with `under`. */
const othersDatabases = async (owner: DeviceOwner, under: string): Promise<readonly string[]> =>
  (await allDatabases()).filter((database) => !isOf(owner)(database) && documentOf(database).startsWith(under));

/**
 * Edits that wait here under another access, which may have ended: a token that expired while its bearer was offline
 * cannot deliver them any more. By document, only those whose names begin with `under`.
 */
export const leftBehind = async (owner: DeviceOwner, under: string): Promise<ReadonlyMap<string, number>> =>
  countUnsaved(await othersDatabases(owner, under));

/** Makes them this person's: on the disk here before they wait there no more, and told to the pages that are open. The copy stays. */
export const adoptLeftBehind = async (owner: DeviceOwner, under: string): Promise<void> => {
  for (const database of await othersDatabases(owner, under)) {
    const entries = await readOutbox(database);
    if (entries.length === 0) continue;
    const own = prefixOf(owner) + documentOf(database);
    await fillOutbox(own, entries);
    const channel = openTabChannel(own, () => {});
    channel.post({ type: 'edits', entries: entries.map((entry) => ({ ...entry, stored: true })) });
    channel.close();
    await settleOutbox(database, entries);
  }
};

/**
 * What this device keeps of documents under another access, by document: an access ends also when its relay has lost its disk,
 * and then this may be the only copy.
 */
export const keptBehind = async (
  owner: DeviceOwner,
  under: string,
): Promise<ReadonlyMap<string, readonly Uint8Array[]>> => {
  const kept = new Map<string, readonly Uint8Array[]>();
  for (const database of await othersDatabases(owner, under)) {
    const name = documentOf(database);
    kept.set(name, [...(kept.get(name) ?? []), ...(await readCopy(database))]);
  }
  return kept;
};

/** Deletes it, as somebody has asked. */
export const forgetBehind = async (owner: DeviceOwner, under: string): Promise<void> => {
  for (const database of await othersDatabases(owner, under)) await deleteCopy(database);
};

/** Deletes all that this device keeps of a person; their other tabs let go of it. */
export const forgetDevice = async (owner: DeviceOwner): Promise<void> => {
  for (const database of (await allDatabases()).filter(isOf(owner))) await deleteCopy(database);
};
