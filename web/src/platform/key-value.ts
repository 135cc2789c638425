/** Small texts kept on the device. Writing can be refused (private mode, quota): the page goes on without. */
export interface KeyValue {
  readonly get: (key: string) => string | null;
  /** False when the device refused to keep it. */
  readonly set: (key: string, value: string) => boolean;
  readonly remove: (key: string) => void;
}

const refused = (error: unknown): void => {
  if (!(error instanceof DOMException)) throw error;
};

/** `storage` is asked for each time: where storage is blocked, touching `window.localStorage` already throws. */
export const createKeyValue = (storage: () => Storage): KeyValue => ({
  get: (key) => {
    try {
      return storage().getItem(key);
    } catch (error) {
      refused(error);
      return null;
    }
  },
  set: (key, value) => {
    try {
      storage().setItem(key, value);
      return true;
    } catch (error) {
      refused(error);
      return false;
    }
  },
  remove: (key) => {
    try {
      storage().removeItem(key);
    } catch (error) {
      refused(error);
    }
  },
});
