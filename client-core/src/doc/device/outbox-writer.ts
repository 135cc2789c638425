import type { AddedRow, DeviceDatabase } from './device-database.ts';
import { createOutboxLedger, type LedgerEntry, type OutboxEntry } from './outbox-ledger.ts';

export interface OutboxWriterDeps {
  readonly database: () => DeviceDatabase | null;
  readonly onFailed: (error: unknown) => void;
  readonly onStored: (entries: readonly LedgerEntry[]) => void;
  /** Settled edits became a row of the state. */
  readonly onSettled: (added: AddedRow) => void;
}

/** Keeps edits on this device from their making until the relay has them. */
export interface OutboxWriter {
  /** False when the edit is known. */
  readonly add: (entry: LedgerEntry) => boolean;
  readonly entries: () => readonly LedgerEntry[];
  readonly storedCount: () => number;
  readonly isBehind: () => boolean;
  /** The first `count` edits are on the relay's disk. */
  readonly settle: (count: number) => void;
  /** Everything is to be written again. */
  readonly rewrite: () => void;
  /** Writes what waits. Resolves when nothing more can be done now; never rejects. */
  readonly run: () => Promise<void>;
}

/** Edits in one transaction. */
const MAX_BATCH = 256;

export const createOutboxWriter = (deps: OutboxWriterDeps): OutboxWriter => {
  const ledger = createOutboxLedger();
  /** At the relay, and not out of the outbox yet. */
  let leaving: readonly OutboxEntry[] = [];
  let running: Promise<void> | null = null;

  const storeAll = async (database: DeviceDatabase): Promise<void> => {
    for (let batch = ledger.unstored(MAX_BATCH); batch.length > 0; batch = ledger.unstored(MAX_BATCH)) {
      await database.addEdits(batch);
      if (database !== deps.database()) return; // cleared meanwhile: what it held is not stored
      ledger.markStored(batch);
      deps.onStored(batch);
    }
  };

  const settleAll = async (database: DeviceDatabase): Promise<void> => {
    while (leaving.length > 0) {
      const batch = leaving;
      const added = await database.settle(batch);
      leaving = leaving.slice(batch.length);
      if (added !== null) deps.onSettled(added);
    }
  };

  const writeAll = async (database: DeviceDatabase): Promise<void> => {
    try {
      while (ledger.unstored(1).length > 0 || leaving.length > 0) {
        await storeAll(database);
        if (database !== deps.database()) return;
        await settleAll(database);
      }
    } catch (error) {
      if (database === deps.database()) deps.onFailed(error);
    }
  };

  const run = async (): Promise<void> => {
    const database = deps.database();
    if (database === null) return;
    running ??= writeAll(database).finally(() => {
      running = null;
    });
    await running;
  };

  return {
    add: ledger.add,
    entries: ledger.entries,
    storedCount: ledger.storedCount,
    isBehind: () => ledger.unstored(1).length > 0,
    settle: (count) => {
      leaving = [...leaving, ...ledger.settle(count)];
      void run();
    },
    rewrite: () => {
      ledger.forgetStored();
      leaving = [];
      void run();
    },
    run,
  };
};
