import type { StorageStanding } from '../platform/device-storage.ts';
import { sizeText } from '../ui/size-text.ts';

/** Used of what the browser gives; null: it does not say. */
export const spaceText = ({ usedBytes, quotaBytes }: StorageStanding): string | null => {
  if (usedBytes === null) return null;
  return quotaBytes === null ? `${sizeText(usedBytes)} used` : `${sizeText(usedBytes)} of ${sizeText(quotaBytes)} used`;
};

/** Above this part of the quota there is something to say. */
export const NEARLY_FULL = 0.85;

export const isNearlyFull = ({ usedBytes, quotaBytes }: StorageStanding): boolean =>
  usedBytes !== null && quotaBytes !== null && quotaBytes > 0 && usedBytes / quotaBytes > NEARLY_FULL;
