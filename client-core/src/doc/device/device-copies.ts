import { deleteDB } from 'idb';
import type { KeepCopy } from '../local-copy.ts';
import { createDeviceCopy, type DeviceCopyDeps } from './device-copy.ts';
import { countOutbox } from './device-database.ts';
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

const prefixOf = ({ role, tokenId }: DeviceOwner): string => `baton/docs/${role}/${tokenId ?? 'relay'}/`;

/** Keeps the documents of one person on this device. */
export const createDeviceCopies =
  (deps: DeviceCopyDeps, owner: DeviceOwner): KeepCopy =>
  (name, events) =>
    createDeviceCopy(deps, prefixOf(owner) + name, events);

/** Names of this person's databases; empty where the browser has no storage, or cannot list it. */
const databasesOf = async (owner: DeviceOwner): Promise<readonly string[]> => {
  try {
    const all = await indexedDB.databases();
    return all.flatMap(({ name }) => (name?.startsWith(prefixOf(owner)) ? [name] : []));
  } catch (error) {
    if (error instanceof DOMException || error instanceof TypeError || error instanceof ReferenceError) return [];
    throw error;
  }
};

/** Documents of this person with edits on this device that the relay has not confirmed, and how many. */
export const unsavedOnDevice = async (owner: DeviceOwner): Promise<ReadonlyMap<string, number>> => {
  const unsaved = new Map<string, number>();
  for (const database of await databasesOf(owner)) {
    const edits = await countOutbox(database);
    if (edits > 0) unsaved.set(database.slice(prefixOf(owner).length), edits);
  }
  return unsaved;
};

/** Deletes all that this device keeps of a person; their other tabs let go of it. */
export const forgetDevice = async (owner: DeviceOwner): Promise<void> => {
  for (const database of await databasesOf(owner)) {
    const channel = openTabChannel(database, () => {});
    channel.post({ type: 'signed-out' });
    channel.close();
    await deleteDB(database);
  }
};
