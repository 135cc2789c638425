/** Hands a link to another app of the device; false when nobody took it. */
export type ShareLink = (title: string, url: string) => Promise<boolean>;

/** Null where the browser has no such thing, as on most desktops and on plain http. */
export const shareLink = (navigator: Navigator): ShareLink | null => {
  if (typeof navigator.share !== 'function') return null;
  return async (title, url) => {
    try {
      await navigator.share({ title, url });
      return true;
    } catch (error) {
      // AbortError: closed without choosing; NotAllowedError: the device does not allow it
      if (error instanceof DOMException) return false;
      throw error;
    }
  };
};
