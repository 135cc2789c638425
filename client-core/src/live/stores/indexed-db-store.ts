import { err, ok, type Result } from '@baton/schema/result';
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import { compareLetters } from '../dead-letter.ts';
import type { DeadLetter, LiveStore, StoreFailure } from '../store.ts';

interface Stores extends DBSchema {
  checkpoints: { key: string; value: string };
  letters: { key: [manager: string, key: string]; value: DeadLetter };
}

const VERSION = 1;
/** The relaxed default may lose what was said to be saved. */
const STRICT = { durability: 'strict' } as const;

const failed = (what: string, error: unknown): Result<never, StoreFailure> => {
  if (!(error instanceof DOMException)) throw error; // not the browser's refusal: a defect
  return err({ type: 'store-failed', message: `${what}: ${error.name}: ${error.message}` });
};

const attempt = async <T>(what: string, run: () => Promise<T>): Promise<Result<T, StoreFailure>> => {
  try {
    return ok(await run());
  } catch (error) {
    return failed(what, error);
  }
};

const storeOf = (db: IDBPDatabase<Stores>): LiveStore => {
  const letters = async (manager?: string): Promise<readonly DeadLetter[]> =>
    (await db.getAll('letters')).filter((it) => manager === undefined || it.manager === manager).sort(compareLetters);

  const save = async (consumer: string, checkpoint: string): Promise<void> => {
    const tx = db.transaction('checkpoints', 'readwrite', STRICT);
    await Promise.all([tx.store.put(checkpoint, consumer), tx.done]);
  };

  const putLetter = async (letter: DeadLetter): Promise<void> => {
    const tx = db.transaction('letters', 'readwrite', STRICT);
    await Promise.all([tx.store.put(letter, [letter.manager, letter.command.key]), tx.done]);
  };

  const dropLetter = async (manager: string, key: string): Promise<boolean> => {
    const tx = db.transaction('letters', 'readwrite', STRICT);
    const found = await tx.store.getKey([manager, key]);
    await Promise.all([tx.store.delete([manager, key]), tx.done]);
    return found !== undefined;
  };

  return {
    load: (consumer) =>
      attempt(`cannot read the checkpoint of ${consumer}`, async () => (await db.get('checkpoints', consumer)) ?? null),
    save: (consumer, checkpoint) =>
      attempt(`cannot write the checkpoint of ${consumer}`, () => save(consumer, checkpoint)),
    letters: (manager) => attempt('cannot read dead letters', () => letters(manager)),
    putLetter: (letter) => attempt('cannot write a dead letter', () => putLetter(letter)),
    dropLetter: (manager, key) => attempt('cannot drop a dead letter', () => dropLetter(manager, key)),
    close: async () => db.close(),
  };
};

/** A browser's store of this name; one page should own it (Web Locks are the caller's). */
export const openIndexedDbStore = async (name: string): Promise<Result<LiveStore, StoreFailure>> => {
  const opened = await attempt(`cannot open the database ${name}`, () =>
    openDB<Stores>(name, VERSION, {
      upgrade: (db) => {
        db.createObjectStore('checkpoints');
        db.createObjectStore('letters');
      },
    }),
  );
  return opened.ok ? ok(storeOf(opened.value)) : opened;
};
