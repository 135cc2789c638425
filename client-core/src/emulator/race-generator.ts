import { renderIpicoLine } from '@baton/schema/reads';
import type { TimedLine } from './line-source.ts';
import { noise } from './noise.ts';
import { chipOf, heatMs, passageMs, type RaceReader, type RaceSpec } from './race-spec.ts';

/** See `race-spec`'s: questions about a passage, not about a runner. */
const ASK = { missed: 20, count: 21, step: 22, second: 23, back: 24, late: 25, lag: 26, strength: 27 } as const;

/** One line of a passage: when the reader sends it and the time it says, both in ms from the race's start. */
interface Detection {
  readonly atMs: number;
  readonly saysMs: number;
  readonly iCount: number;
  readonly qCount: number;
}

/** A passage as its coordinates: everything drawn about it is fixed by them. */
type Passage = readonly [seed: number, heat: number, runner: number, readerId: number];

/**
 * What a reader says of one passage, as real ones do: the chip is read a few times while it crosses; the second
 * loop often reads it in the same hundredth (a line repeated byte for byte) or says a slightly earlier
 * time (time steps backwards); now and then a line comes some 20 s late with its old time.
 */
const detectionsOf = (passage: Passage, passedMs: number): readonly Detection[] => {
  const detections: Detection[] = [];
  const count = 1 + Math.floor(noise(...passage, ASK.count) * 4);
  let at = passedMs;
  for (let index = 0; index < count; index++) {
    at += index === 0 ? 0 : 60 + noise(...passage, ASK.step, index) * 340;
    const qCount = 1 + Math.floor(noise(...passage, ASK.strength, index) * 6);
    detections.push({ atMs: at, saysMs: at, iCount: 0, qCount });
    if (noise(...passage, ASK.second, index) < 0.4) detections.push(secondLoop(passage, at, index, qCount));
  }
  return detections.map((it, index) => delayed(it, passage, index));
};

const secondLoop = (passage: Passage, at: number, index: number, qCount: number): Detection => {
  const back = noise(...passage, ASK.back, index);
  const saysMs = back < 0.6 ? at : at - 10 - Math.floor(back * 50);
  return { atMs: at + 8, saysMs, iCount: 0, qCount };
};

const delayed = (it: Detection, passage: Passage, index: number): Detection => {
  if (noise(...passage, ASK.late, index) >= 0.01) return it;
  return { ...it, atMs: it.atMs + 18_000 + noise(...passage, ASK.lag, index) * 4000 };
};

const wallStart = ({ startAt }: RaceSpec): number => {
  const wall = Date.parse(`${startAt}Z`);
  if (Number.isNaN(wall)) throw new RangeError(`expected a start like 2026-05-10T10:00:00, got ${startAt}`);
  return wall;
};

const encoder = new TextEncoder();

const lineOf = (wallMs: number, readerId: number, runner: number, it: Detection): Uint8Array =>
  encoder.encode(
    renderIpicoLine({
      readerId,
      tag: chipOf(runner),
      iCount: it.iCount,
      qCount: it.qCount,
      wallHundredths: Math.floor((wallMs + it.saysMs) / 10),
      extra: null,
      kind: 'RAW',
    }),
  );

const heatLines = (spec: RaceSpec, reader: RaceReader, metres: number, heat: number): readonly TimedLine[] => {
  const wall = wallStart(spec);
  const from = heat * heatMs(spec);
  const lines: TimedLine[] = [];
  for (let runner = 1; runner <= spec.runners; runner++) {
    const passage: Passage = [spec.seed, heat, runner, reader.readerId];
    if (noise(...passage, ASK.missed) < reader.misses) continue;
    for (const it of detectionsOf(passage, from + passageMs(spec, heat, runner, metres))) {
      lines.push({ atMs: it.atMs, line: lineOf(wall, reader.readerId, runner, it) });
    }
  }
  return lines.sort((a, b) => a.atMs - b.atMs);
};

/**
 * The endless lines of one reader of a race: heat after heat, the field starts again in waves. Pure: the same
 * spec gives the same lines, and readers of one spec tell of the same runners.
 *
 * @throws RangeError for a reader that the spec does not have
 */
export const raceLines = function* (spec: RaceSpec, readerName: string): Generator<TimedLine> {
  const reader = spec.readers.find(({ name }) => name === readerName);
  const point = spec.points.find(({ pointId }) => pointId === reader?.pointId);
  if (reader === undefined || point === undefined) throw new RangeError(`the race has no reader ${readerName}`);
  for (let heat = 0; ; heat++) yield* heatLines(spec, reader, point.metres, heat);
};

/** The same lines, due `speed` times sooner; what they say stays. */
export const faster = function* (lines: Iterable<TimedLine>, speed: number): Generator<TimedLine> {
  for (const { atMs, line } of lines) yield { atMs: atMs / speed, line };
};
