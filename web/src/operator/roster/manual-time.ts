/** Race times as officials write them: `1:02:03.4`, `59:59`, `2:03,25`. Durations in milliseconds. */

const TIME = /^(?:(\d{1,3}):)?(\d{1,3}):(\d{2})(?:[.,](\d{1,3}))?$/;

/** As the roster's schema bounds it: some 277 hours. */
const LONGEST_MS = 1_000_000_000;

export const MANUAL_TIME_EXPECTED = 'h:mm:ss, with tenths if there are any: 1:02:03.4 or 59:59';

/** Null: it is no such time. */
export const parseManualTime = (text: string): number | null => {
  const found = TIME.exec(text.trim());
  if (found === null) return null;
  const [hours, minutes, seconds] = [Number(found[1] ?? 0), Number(found[2]), Number(found[3])];
  if (seconds > 59 || (found[1] !== undefined && minutes > 59)) return null;
  const fraction = Number((found[4] ?? '').padEnd(3, '0'));
  const ms = ((hours * 60 + minutes) * 60 + seconds) * 1000 + fraction;
  return ms <= LONGEST_MS ? ms : null;
};

const two = (value: number): string => String(value).padStart(2, '0');

/** Exactly what was given, for a field: without rounding, and with tenths at least. */
export const manualTimeText = (ms: number): string => {
  const seconds = Math.floor(ms / 1000);
  const fraction = String(ms % 1000)
    .padStart(3, '0')
    .replace(/0{1,2}$/, '');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return `${hours}:${two(minutes)}:${two(seconds % 60)}.${fraction}`;
};
