import type { StorageStanding } from '../platform/device-storage.ts';

const STEPS = ['bytes', 'KB', 'MB', 'GB', 'TB'] as const;

/** `1.2 GB`, by thousands as disks are sold. */
export const sizeText = (bytes: number): string => {
  const step = Math.min(STEPS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const value = bytes / 1000 ** step;
  return `${step === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${STEPS[step]}`;
};

/** Used of what the browser gives; null: it does not say. */
export const spaceText = ({ usedBytes, quotaBytes }: StorageStanding): string | null => {
  if (usedBytes === null) return null;
  return quotaBytes === null ? `${sizeText(usedBytes)} used` : `${sizeText(usedBytes)} of ${sizeText(quotaBytes)} used`;
};

/** Above this part of the quota there is something to say. */
export const NEARLY_FULL = 0.85;

export const isNearlyFull = ({ usedBytes, quotaBytes }: StorageStanding): boolean =>
  usedBytes !== null && quotaBytes !== null && quotaBytes > 0 && usedBytes / quotaBytes > NEARLY_FULL;
