import { MAX_RAW_BYTES, parseIpicoLine } from '@baton/schema/reads';

/** A line and when it is due: milliseconds since the beginning, never falling. */
export interface TimedLine {
  readonly atMs: number;
  /** Without its line end. */
  readonly line: Uint8Array;
}

const CR = 13;
const LF = 10;

/**
 * The lines of a recording, blank ones included, so that a banner is said as it was. A line ends with CR, LF
 * or CRLF; one at the end of the file needs none.
 */
export const linesOfRecording = (bytes: Uint8Array): readonly Uint8Array[] => {
  const lines: Uint8Array[] = [];
  let from = 0;
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] !== CR && bytes[at] !== LF) continue;
    lines.push(bytes.subarray(from, at));
    if (bytes[at] === CR && bytes[at + 1] === LF) at += 1;
    from = at + 1;
  }
  if (from < bytes.length) lines.push(bytes.subarray(from));
  return lines;
};

/** How a recording is paced: so many lines a second, or by the times in its reads, so many times faster. */
export type Pace =
  | { readonly type: 'rate'; readonly linesPerSecond: number }
  | { readonly type: 'recorded'; readonly speed: number };

/** The reader's clock was set when its time falls by more than this: late lines lag by some 20 s. */
const SET_BACK_MS = 60_000;
/** … or rises by more: nobody waits half a day for the next line. */
const SET_FORWARD_MS = 12 * 3_600_000;

/**
 * When each line is due, in milliseconds of the recording. Reads carry their time; other lines come with the
 * one before them. Time steps backwards in real recordings: what is late comes at once, and a
 * clock that was set starts a new count, so that no wait is ever negative or absurd.
 */
const recordedTimes = (lines: readonly Uint8Array[]): Float64Array => {
  const times = new Float64Array(lines.length);
  let offset: number | null = null;
  let now = 0;
  lines.forEach((line, index) => {
    const read = line.length <= MAX_RAW_BYTES ? parseIpicoLine(line) : null;
    if (read?.type === 'read') {
      const wall = read.wallHundredths * 10;
      offset ??= wall;
      const at = wall - offset;
      if (at < now - SET_BACK_MS || at > now + SET_FORWARD_MS) offset = wall - now;
      else now = Math.max(now, at);
    }
    times[index] = now;
  });
  return times;
};

const dueTimes = (lines: readonly Uint8Array[], pace: Pace): Float64Array =>
  pace.type === 'rate'
    ? Float64Array.from(lines, (_, index) => (index * 1000) / pace.linesPerSecond)
    : recordedTimes(lines).map((at) => at / pace.speed);

/** Between the last line and the first of the next round. */
const ROUND_GAP_MS = 1000;

/** Replays a recording once, or for ever. An empty one gives nothing. */
export const replay = function* (lines: readonly Uint8Array[], pace: Pace, loop: boolean): Generator<TimedLine> {
  const due = dueTimes(lines, pace);
  const gap = pace.type === 'rate' ? 1000 / pace.linesPerSecond : ROUND_GAP_MS / pace.speed;
  const round = (due.at(-1) ?? 0) + gap;
  for (let start = 0; lines.length > 0; start += round) {
    for (const [index, line] of lines.entries()) yield { atMs: start + (due[index] ?? 0), line };
    if (!loop) return;
  }
};
