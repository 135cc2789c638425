import { startRawWriter } from '../spectators/raw-writer.ts';
import { startWatchers } from '../spectators/watchers.ts';
import { cpuSeconds } from '../support/measure.ts';

const WRITES = 60_000;
const WARM_UP = 10;
const EVERY_MS = 4;

/** CPU microseconds of one write of so many bytes to one of `count` TCP connections, by a process that does nothing else. */
export const measureBareWrites = async (count: number, bytes: number): Promise<number> => {
  const writer = await startRawWriter();
  const watchers = startWatchers();
  try {
    await watchers.open({ host: '127.0.0.1', port: writer.port, path: null, count, abreast: 100 });
    await writer.write({ bytes, frames: WARM_UP, everyMs: EVERY_MS });
    const frames = Math.ceil(WRITES / count);
    const before = (await cpuSeconds(writer.pid)) ?? Number.NaN;
    await writer.write({ bytes, frames, everyMs: EVERY_MS });
    const after = (await cpuSeconds(writer.pid)) ?? Number.NaN;
    await watchers.close();
    return ((after - before) * 1e6) / (frames * count);
  } finally {
    await watchers.end();
    await writer.end();
  }
};
