import { bareCopy } from '../support/bare-copy.ts';
import { startCountingServer } from '../support/counting-server.ts';
import { folderBytes } from '../support/folder-size.ts';
import { type Benchmark, type Figures, rounded } from '../support/measure.ts';
import { type Answered, type PlayerReport, play } from './player.ts';
import { openRaceWorld, type RaceWorld, RUNNERS, streamReads } from './race-world.ts';
import { FINISH } from './streams.ts';

interface Played {
  readonly report: PlayerReport;
  readonly dataDir: string;
  /** Over the wire, framing and setup included. */
  readonly bytes: number;
}

const playOnce = async ({ stage, forwarderToken }: RaceWorld, reads: number, withSetup: boolean): Promise<Played> => {
  const nodeId = withSetup ? 'with-results' : 'reads-only';
  const server = await startCountingServer(stage.url);
  const dataDir = stage.folder(nodeId);
  const seat = { url: server.url, token: await stage.token('receiver', nodeId), eventId: stage.eventId, nodeId };
  const atFinish = streamReads(reads).find(({ streamId }) => streamId === FINISH)?.count ?? 0;
  try {
    const report = await play({ seat, forwarderToken, dataDir, reads, atFinish, withSetup });
    return { report, dataDir, bytes: server.relayBytes() };
  } finally {
    server.close();
  }
};

const askedFigures = (it: Answered): Figures => ({
  'results query, first 50, p50 ms': rounded(it.topMs),
  [`results query, all ${RUNNERS}, p50 ms`]: rounded(it.allMs),
  'first at the finish straight from the reads, p50 ms': rounded(it.fromReadsMs),
  'live query on the roll-up, commit to rows, p50 ms': rounded(it.liveMs.rollUp),
  'live query on results, commit to rows, p50 ms': rounded(it.liveMs.results),
  'live query on the roll-up, coalescing off, p50 ms': rounded(it.liveAtOnceMs.rollUp),
  'live query on results, coalescing off, p50 ms': rounded(it.liveAtOnceMs.results),
  'warm start until the results query answers, s': rounded(it.warmSeconds),
  'reads/s projected from the tables after a changed setup': Math.round(it.projectedPerSecond),
  'MB resident once filled': Math.round(it.residentMb),
  'MB resident at most': Math.round(it.peakResidentMb),
});

const measure = async (reads: number): Promise<Figures> => {
  const copy = await bareCopy(streamReads(reads));
  const world = await openRaceWorld(reads);
  try {
    const bare = await playOnce(world, reads, false);
    const full = await playOnce(world, reads, true);
    const { report } = full;
    const { answered } = report;
    if (answered === null) throw new Error('the receiver did not answer');
    return {
      's from connecting until the results query answers': rounded(answered.answerSeconds),
      's from connecting until all reads are held': rounded(report.heldSeconds),
      'the same without races and results, s': rounded(bare.report.heldSeconds),
      's of bare COPY of the same rows': rounded(copy.seconds),
      'ratio to bare COPY, held': rounded(copy.seconds / report.heldSeconds),
      'ratio to bare COPY, answered': rounded(copy.seconds / answered.answerSeconds),
      'CPU s of the receiver until held': rounded(report.heldCpuSeconds),
      'CPU s of the receiver until held, without races and results': rounded(bare.report.heldCpuSeconds),
      'CPU s of the receiver until answered': rounded(answered.answerCpuSeconds),
      'CPU s of bare COPY': rounded(copy.cpuSeconds),
      'CPU ratio to bare COPY, held': rounded(copy.cpuSeconds / report.heldCpuSeconds),
      'CPU ratio to bare COPY, answered': rounded(copy.cpuSeconds / answered.answerCpuSeconds),
      'reads/s until held': Math.round(reads / report.heldSeconds),
      's to open a fresh database before that': rounded(report.openSeconds),
      ...askedFigures(answered),
      'bytes a read on the wire, frames of reads': rounded(report.readBytes / reads),
      'MB transferred from the relay, setup and roster included': rounded(full.bytes / 1e6),
      'bytes a read at rest, table and indexes': rounded(answered.tableBytes / reads),
      'MB of the data directory once closed': Math.round((await folderBytes(full.dataDir)) / 1e6),
    };
  } finally {
    await world.stage.dispose();
  }
};

const METHOD =
  `of ${RUNNERS} runners with start, split and finish; a receiver in a process of its own, PGlite on files open already, pulls all ` +
  'of them, the setup and the roster from a relay process over loopback and computes the results; live queries: 10 single reads, each after ' +
  'the one before was seen, at most one answer in 250 ms, then without that bound; bare: COPY text of the same rows';

export const replica: Benchmark = {
  name: 'replica',
  method: `100,000 reads ${METHOD}`,
  run: () => measure(100_000),
};

/** The same with ten times as many: minutes, and a gigabyte of disk. */
export const replicaMillion: Benchmark = {
  name: 'replica-1m',
  method: `1,000,000 reads ${METHOD}`,
  run: () => measure(1_000_000),
};
