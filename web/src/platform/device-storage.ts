/** What the browser says about storage of this relay's pages. */
export interface DeviceStorage {
  /** Asks the browser never to clear it by itself. Some decide alone, some ask the person. */
  readonly persist: () => Promise<Persistence>;
  readonly standing: () => Promise<StorageStanding>;
}

/** `unknown`: the browser does not say, as on plain http. */
export type Persistence = 'persisted' | 'may-be-cleared' | 'unknown';

export interface StorageStanding {
  readonly persistence: Persistence;
  /** Null when the browser does not say. */
  readonly usedBytes: number | null;
  readonly quotaBytes: number | null;
}

const word = (persisted: boolean): Persistence => (persisted ? 'persisted' : 'may-be-cleared');

/** Browsers refuse with TypeError or a DOMException where a page has no storage. */
const orElse = async <T>(asked: () => Promise<T>, otherwise: T): Promise<T> => {
  try {
    return await asked();
  } catch (error) {
    if (error instanceof DOMException || error instanceof TypeError) return otherwise;
    throw error;
  }
};

/** `manager` is `navigator.storage`: absent on plain http. */
export const createDeviceStorage = (manager: StorageManager | undefined): DeviceStorage => ({
  persist: async () =>
    manager === undefined ? 'unknown' : orElse(async () => word(await manager.persist()), 'unknown'),
  standing: async () => {
    if (manager === undefined) return { persistence: 'unknown', usedBytes: null, quotaBytes: null };
    const persistence = await orElse(async () => word(await manager.persisted()), 'unknown');
    const { usage, quota } = await orElse<StorageEstimate>(() => manager.estimate(), {});
    return { persistence, usedBytes: usage ?? null, quotaBytes: quota ?? null };
  },
});
