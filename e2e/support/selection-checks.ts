import { expect } from 'vitest';
import { journalledEpochs } from './journal-peek.ts';
import { connectScoring } from './scoring-client.ts';
import type { Desk, Mat, World } from './selection-world.ts';
import { until } from './until.ts';

interface EpochRow {
  readonly epoch: number;
  readonly readCount: number;
  readonly isCurrent: boolean;
  readonly raceId: string | null;
}

export interface Wanted {
  readonly raceId: string;
  readonly epochScope: 'all' | 'current';
}

interface Progress {
  readonly streamId: string;
  readonly epoch: number;
  readonly held: number;
  readonly head: number;
  readonly complete: boolean;
}

interface DeskStatus {
  readonly connection: string;
  readonly selection: unknown;
  readonly streams: readonly Progress[];
}

export const statusOf = async (desk: Desk): Promise<DeskStatus> =>
  (await (await fetch(`${desk.control()}/api/v1/status`)).json()) as DeskStatus;

const epochsOf = async ({ event }: World, { streamId }: Mat): Promise<readonly EpochRow[]> =>
  (await event.operator.must('GET', `/streams/${streamId}/epochs`)) as readonly EpochRow[];

const linesOf = (bytes: Buffer): readonly string[] => bytes.toString('latin1').split('\n').slice(0, -1);

/** What each mat's epochs hold by the forwarder's journal, the only author of reads. */
export type Written = ReadonlyMap<string, ReadonlyMap<number, readonly string[]>>;

/** Waits until the relay has every line that was said, then compares it, epoch by epoch, with the journal. */
export const relayHoldsAllThatWasSaid = async (world: World): Promise<Written> => {
  const written = new Map<string, ReadonlyMap<number, readonly string[]>>();
  for (const { streamId, flow, reader } of world.mats) {
    const exported = await until(`the relay has all lines of ${streamId}`, async () => {
      const lines = linesOf(await world.event.operator.bytes(`/streams/${streamId}/export.txt`));
      return lines.length >= flow.said().length ? lines : undefined;
    });
    // each line is different: equal lists means none lost, none twice, none out of its place
    expect(exported).toEqual(flow.said());
    const journalled = journalledEpochs(world.journal, reader);
    for (const { epoch, lines } of journalled) {
      const stored = linesOf(await world.event.operator.bytes(`/streams/${streamId}/epochs/${epoch}/export.txt`));
      expect(stored, `${streamId} epoch ${epoch}`).toEqual(lines);
    }
    written.set(streamId, new Map(journalled.map(({ epoch, lines }) => [epoch, lines])));
  }
  return written;
};

/** With the forwarder down: of each epoch the relay has an unbroken beginning, no shorter than it acked. */
export const relayHoldsWhatItAcked = async (world: World): Promise<void> => {
  for (const { streamId, reader } of world.mats) {
    for (const { epoch, acked, lines } of journalledEpochs(world.journal, reader)) {
      const stored = linesOf(await world.event.operator.bytes(`/streams/${streamId}/epochs/${epoch}/export.txt`));
      expect(stored, `${streamId} epoch ${epoch}`).toEqual(lines.slice(0, stored.length));
      expect(stored.length, `${streamId} epoch ${epoch}`).toBeGreaterThanOrEqual(acked);
    }
  }
};

/** The current epoch never fell, and no number was given out twice. */
export const epochsOnlyRose = async ({ event, mats }: World): Promise<void> => {
  const body = await event.operator.must('GET', `/streams?eventId=${event.eventId}`);
  const { streams } = body as { readonly streams: readonly { readonly streamId: string; readonly epoch: number }[] };
  for (const mat of mats) {
    const now = streams.find((it) => it.streamId === mat.streamId)?.epoch ?? 0;
    expect(now, `${mat.streamId} was at epoch ${mat.top}`).toBeGreaterThanOrEqual(mat.top);
    expect(now).toBeGreaterThanOrEqual(Math.max(1, ...mat.begun));
    mat.top = now;
    expect(new Set(mat.begun).size, `epochs of ${mat.streamId}: ${mat.begun}`).toBe(mat.begun.length);
  }
};

/** The naive meaning of a race selection, told from the relay's epochs. */
const expectedTargets = async (world: World, { raceId, epochScope }: Wanted): Promise<readonly Progress[]> => {
  const targets: Progress[] = [];
  for (const mat of world.mats) {
    for (const row of await epochsOf(world, mat)) {
      if (row.raceId !== raceId || (epochScope === 'current' && !row.isCurrent)) continue;
      const { epoch, readCount } = row;
      targets.push({ streamId: mat.streamId, epoch, held: readCount, head: readCount, complete: true });
    }
  }
  return targets.sort((a, b) => (a.streamId === b.streamId ? a.epoch - b.epoch : a.streamId < b.streamId ? -1 : 1));
};

/** Without what is told of sealed epochs besides. */
const toProgress = ({ streamId, epoch, held, head, complete }: Progress): Progress => ({
  streamId,
  epoch,
  held,
  head,
  complete,
});

/** Waits until the receiver is live and complete in exactly what its selection means. */
export const deskIsComplete = async (world: World, desk: Desk, wanted: Wanted): Promise<readonly Progress[]> => {
  const targets = await expectedTargets(world, wanted);
  let last: DeskStatus | null = null;
  await until(`${desk.name} holds its selection`, async () => {
    last = await statusOf(desk);
    return last.connection === 'live' && JSON.stringify(last.streams.map(toProgress)) === JSON.stringify(targets);
  }).catch((error: unknown) => {
    throw new Error(`${desk.name}: expected ${JSON.stringify(targets)}, last seen ${JSON.stringify(last)}`, {
      cause: error,
    });
  });
  return targets;
};

const heldOf = async (desk: Desk, streamId: string): Promise<number> => {
  const body: unknown = await (await fetch(`${desk.control()}/api/v1/streams`)).json();
  const { streams } = body as { readonly streams: readonly { readonly streamId: string; readonly held: number }[] };
  return streams.find((it) => it.streamId === streamId)?.held ?? 0;
};

/**
 * What scoring software gets of one stream, taken apart by epoch. Fails on a line that is of no epoch, and on an epoch that
 * is not the beginning of what was written to it: a gap, a repeat, a wrong order.
 */
export const servedEpochs = async (
  desk: Desk,
  { streamId }: Mat,
  written: Written,
  onEnd: (end: () => void) => void,
): Promise<ReadonlyMap<number, number>> => {
  const held = await heldOf(desk, streamId);
  const epochs = written.get(streamId) ?? new Map<number, readonly string[]>();
  const epochOfLine = new Map([...epochs].flatMap(([epoch, lines]) => lines.map((line) => [line, epoch] as const)));
  const scoring = await connectScoring(desk.port(streamId), onEnd);
  await until(`${desk.name} serves ${held} lines of ${streamId}`, () => scoring.lines() >= held);
  const served = new Map<number, string[]>();
  for (const line of scoring.bytes().toString('latin1').split('\r\n').slice(0, -1)) {
    const epoch = epochOfLine.get(line);
    if (epoch === undefined) throw new Error(`${desk.name} serves a line that nobody wrote: ${line}`);
    const lines = served.get(epoch) ?? [];
    lines.push(line);
    served.set(epoch, lines);
  }
  for (const [epoch, lines] of served) {
    expect(lines, `${desk.name}: ${streamId} epoch ${epoch}`).toEqual(epochs.get(epoch)?.slice(0, lines.length));
  }
  return new Map([...served].map(([epoch, lines]) => [epoch, lines.length]));
};
