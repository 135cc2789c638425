import { parseTime } from '@baton/schema/results';

/** What a correction may be typed as. */
export const CLOCK_EXPECTED =
  'expected what to add, such as +2.5 (seconds), -1:00:00 or 3 d 0:00:00, or reader’s time = true time: 2000-01-01 00:12:30 = 2026-05-17 09:30:00';

const SIGNED = /^([+-]?)\s*(?:(\d{1,5})\s*d\s*)?(?:(?:(\d{1,3}):)?(\d{1,3}):)?(\d{1,6})(?:[.,](\d{1,3}))?$/;

const signedMs = (text: string): number | null => {
  const match = SIGNED.exec(text);
  if (match === null) return null;
  const [, sign, days = '0', hours = '0', minutes = '0', seconds = '0', decimals = ''] = match;
  const whole = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
  const ms = whole * 1000 + Number(decimals.padEnd(3, '0'));
  return sign === '-' ? -ms : ms;
};

const wallMs = (text: string): number | null => {
  const parsed = parseTime(text.trim());
  return parsed?.type === 'wall' ? parsed.ms : null;
};

/** `what the reader said = what it was`. */
const comparedMs = (text: string): number | null => {
  const [told, was, more] = text.split('=');
  if (told === undefined || was === undefined || more !== undefined) return null;
  const [from, to] = [wallMs(told), wallMs(was)];
  return from === null || to === null ? null : to - from;
};

/** What was typed, in ms to add to a reader's times; null when it is none of the ways to say it. Nothing is 0. */
export const parseClockOffset = (text: string): number | null => {
  const trimmed = text.trim();
  if (trimmed === '') return 0;
  return trimmed.includes('=') ? comparedMs(trimmed) : signedMs(trimmed);
};

const two = (value: number): string => String(value).padStart(2, '0');

/** `+0:00:02.5`, `-1:00:00`, `+9633 d 9:17:30`; empty for none. */
export const clockOffsetText = (ms: number): string => {
  if (ms === 0) return '';
  const whole = Math.floor(Math.abs(ms) / 1000);
  const rest = Math.abs(ms) % 1000;
  const days = Math.floor(whole / 86_400);
  const clock = `${Math.floor(whole / 3600) % 24}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
  const decimals = rest === 0 ? '' : `.${String(rest).padStart(3, '0').replace(/0+$/, '')}`;
  return `${ms < 0 ? '-' : '+'}${days === 0 ? '' : `${days} d `}${clock}${decimals}`;
};
