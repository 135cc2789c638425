import { wallMs, wallOf } from '@baton/schema/results';

/** A gun start as its two fields show it: a day, and a time of day on the event's wall. */
export interface StartFields {
  /** `YYYY-MM-DD`. */
  readonly day: string;
  /** `HH:MM:SS`, with as many decimals as it has. */
  readonly clock: string;
}

const CLOCK = /^(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,](\d{1,3}))?)?$/;

export const CLOCK_EXPECTED = 'expected a time of day such as 10:00 or 10:00:03.25';

/** A time of day as people write it, as `HH:MM:SS[.fff]`; null when it is none. 24 hours, never AM and PM. */
export const parseClock = (text: string): string | null => {
  const match = CLOCK.exec(text.trim());
  if (match === null) return null;
  const [, hour = '', minute = '', second = '00', decimals = ''] = match;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null;
  const fraction = decimals.replace(/0+$/, '');
  return `${hour.padStart(2, '0')}:${minute}:${second}${fraction === '' ? '' : `.${fraction}`}`;
};

const fieldsOf = (wall: number): StartFields => {
  const [day = '', clock = ''] = new Date(wall).toISOString().slice(0, -1).split('T');
  return { day, clock: parseClock(clock) ?? clock };
};

/** A stored start on the event's wall; null when there is none. One with a zone is shown in the event's own. */
export const startFields = (startAt: string | null, timezone: string): StartFields | null => {
  const wall = startAt === null ? null : wallMs(startAt, wallOf(timezone));
  return wall === null ? null : fieldsOf(wall);
};

/** What is stored: the event's own wall time. */
export const startText = ({ day, clock }: StartFields): string => `${day}T${clock}`;

/** An instant on the event's wall, to the hundredth that a reader's clock has; `now` in ms since the Unix epoch. */
export const startNow = (now: number, timezone: string): StartFields =>
  fieldsOf(Math.floor(wallOf(timezone)(now) / 10) * 10);

/** Whether the document holds it with a zone or an offset of its own. */
export const hasZone = (startAt: string | null): boolean => startAt !== null && /(?:Z|[+-]\d{2}:\d{2})$/.test(startAt);
