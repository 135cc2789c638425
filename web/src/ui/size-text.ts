const STEPS = ['bytes', 'KB', 'MB', 'GB', 'TB'] as const;

/** `1.2 GB`, by thousands as disks are sold. */
export const sizeText = (bytes: number): string => {
  const step = Math.min(STEPS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const value = bytes / 1000 ** step;
  return `${step === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${STEPS[step]}`;
};
