import { describe } from 'vitest';
import { appendContract } from './store-contract/append.ts';
import { archivingContract } from './store-contract/archiving.ts';
import { attachmentsContract } from './store-contract/attachments.ts';
import { docsContract } from './store-contract/docs.ts';
import { durabilityContract } from './store-contract/durability.ts';
import { factsContract } from './store-contract/facts.ts';
import type { OpenStore } from './store-contract/fixtures.ts';
import { modelContract } from './store-contract/model.ts';
import { readingContract } from './store-contract/reading.ts';
import { recordsContract } from './store-contract/records.ts';
import { sealingContract } from './store-contract/sealing.ts';
import { sizesContract } from './store-contract/sizes.ts';

export type { OpenStore, StoreHarness } from './store-contract/fixtures.ts';

export interface StoreContractOptions {
  /** Runs of the random-work test; fewer where a store is slow to open. */
  readonly modelRuns?: number;
}

/**
 * What every driver of the relay's storage must do, as a vitest suite.
 *
 * @param openStore called for each test; gives an empty store
 */
export const storeContract = (name: string, openStore: OpenStore, options: StoreContractOptions = {}): void => {
  describe(`store contract: ${name}`, () => {
    appendContract(openStore);
    readingContract(openStore);
    recordsContract(openStore);
    attachmentsContract(openStore);
    docsContract(openStore);
    factsContract(openStore);
    sealingContract(openStore);
    archivingContract(openStore);
    sizesContract(openStore);
    durabilityContract(openStore);
    modelContract(openStore, options.modelRuns ?? 100);
  });
};
