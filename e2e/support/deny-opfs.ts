import type { BrowserContext } from 'playwright-core';

/** A browser without OPFS, as some are: IndexedDB is the next that pages try. */
export const denyOpfs = async (context: BrowserContext): Promise<void> => {
  await context.addInitScript(() => {
    const denied = () => Promise.reject(new DOMException('no files for you', 'SecurityError'));
    Object.defineProperty(StorageManager.prototype, 'getDirectory', { value: denied });
  });
};
