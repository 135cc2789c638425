/** What every page writes of races, apart from the rest: a spectator's phone loads little else. */

const two = (value: number): string => String(value).padStart(2, '0');

/** What stands where there is no time. */
export const NO_TIME = '–';

/**
 * A race time as `h:mm:ss.t`, rounded **up** to the next tenth as athletics rounds (59:59.91 is
 * 1:00:00.0): nobody is shown a faster time than was run.
 */
export const raceTimeText = (ms: number | null): string => {
  if (ms === null || !Number.isFinite(ms)) return NO_TIME;
  const sign = ms < 0 ? '−' : '';
  const tenths = sign === '' ? Math.ceil(ms / 100) : Math.floor(-ms / 100);
  const seconds = Math.floor(tenths / 10);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const tail = `${two(seconds % 60)}.${tenths % 10}`;
  return hours > 0 ? `${sign}${hours}:${two(minutes)}:${tail}` : `${sign}${minutes}:${tail}`;
};

/** `Spring Run 2026`: the title with the year of its date, once. */
export const titleWithYear = (title: string, date: string): string => {
  const year = /^\d{4}/.exec(date)?.[0];
  return year === undefined || title.includes(year) ? title : `${title} ${year}`;
};
