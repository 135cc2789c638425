import { renderIpicoLine } from '@baton/schema/reads';
import type { ScriptedReader } from './scripted-reader.ts';

/** Lines that keep coming, each different from all others, until they are held back. */
export interface LineFlow {
  /** All that were said so far, in order. */
  readonly said: () => readonly string[];
  /** Resolves when nothing is on its way out of the reader any more. */
  readonly pause: () => Promise<void>;
  readonly resume: () => void;
  /** Says so many lines at once; only while paused. */
  readonly burst: (count: number) => Promise<void>;
}

const CHUNK = 20;
const START = Date.UTC(2026, 4, 17, 7, 0, 0) / 10;

const lineOf = (index: number): string =>
  renderIpicoLine({
    readerId: 0,
    tag: `0580${index.toString(16).padStart(8, '0')}`,
    iCount: index % 3,
    qCount: 1,
    wallHundredths: START + index,
    extra: null,
    kind: 'RAW',
  });

/** Begins at once, paused. A line is counted as said before it goes out. */
export const startLineFlow = (
  reader: ScriptedReader,
  linesPerSecond: number,
  onEnd: (end: () => Promise<void>) => void,
): LineFlow => {
  const said: string[] = [];
  let flowing = false;
  let running: Promise<void> = Promise.resolve();

  const say = async (count: number, rate: number): Promise<void> => {
    const lines = Array.from({ length: count }, (_, at) => lineOf(said.length + at));
    said.push(...lines);
    await reader.sendLines(lines, rate);
  };
  const run = async (): Promise<void> => {
    while (flowing) await say(CHUNK, linesPerSecond);
  };
  const pause = (): Promise<void> => {
    flowing = false;
    return running;
  };
  onEnd(() => pause().catch(() => {})); // what went wrong was told to whoever paused it
  return {
    said: () => said,
    pause,
    resume: () => {
      if (flowing) return;
      flowing = true;
      running = run();
      running.catch(() => {}); // told by `pause`
    },
    burst: (count) => say(count, count * 10),
  };
};
