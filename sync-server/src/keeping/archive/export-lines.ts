import { createHash } from 'node:crypto';
import {
  type ArchiveHead,
  createReadsCutter,
  docLine,
  endLine,
  epochLine,
  eventLine,
  factLine,
  headLine,
  streamLine,
} from '@baton/schema/archive';
import type { EventId } from '@baton/schema/ids';
import type { Pace } from '@baton/schema/roster';
import { followEpoch } from '../../log/log-reading.ts';
import type { ReadLog } from '../../log/read-log.ts';
import { toBase64 } from '../../platform/base64.ts';
import type { Registry, StreamRow } from '../../registry/registry.ts';
import type { EpochRecord, EventRecord, FactKind } from '../../storage/records.ts';
import type { Store } from '../../storage/store.ts';

export interface ExportSource {
  readonly registry: Pick<Registry, 'streams' | 'epochs'>;
  readonly log: ReadLog;
  readonly store: Pick<Store, 'docNames' | 'loadDoc' | 'compactDoc' | 'loadFacts'>;
  readonly pace: Pace;
}

const LF = '\n';

const FACT_KINDS: readonly FactKind[] = ['external-result', 'official', 'official-rows', 'official-starters'];

/** A document that is edited meanwhile is merged again; after so many times it is told in as many updates as it has. */
const MERGES = 5;

/** A document as one update: told as it lies, so that it is the same bytes wherever it comes back from. */
const docUpdates = async ({ store }: ExportSource, name: string): Promise<readonly Uint8Array[]> => {
  for (let merges = 1; ; merges++) {
    // first, since a document may lie in thousands of updates, each of which would have to cross from the store's thread
    const compacted = await store.compactDoc(name);
    const updates = await store.loadDoc(name);
    if (updates.length < 2 || compacted.type !== 'compacted' || merges === MERGES) return updates;
  }
};

async function* docLines(source: ExportSource, eventId: EventId): AsyncGenerator<string> {
  const prefix = `events/${eventId}/`;
  for (const name of await source.store.docNames(prefix)) {
    for (const update of await docUpdates(source, name)) {
      yield* docLine({ name: name.slice(prefix.length), update }, toBase64);
      yield LF;
    }
  }
}

async function* factLines({ store }: ExportSource, eventId: EventId): AsyncGenerator<string> {
  for (const kind of FACT_KINDS) {
    for (const fact of await store.loadFacts(eventId, kind)) {
      yield* factLine(fact, toBase64);
      yield LF;
    }
  }
}

async function* epochLines({ log, pace }: ExportSource, epochs: readonly EpochRecord[]): AsyncGenerator<string> {
  for (const epoch of epochs) {
    yield epochLine(epoch) + LF;
    const cutter = createReadsCutter(toBase64);
    for await (const reads of followEpoch(log, epoch, 0, epoch.head)) {
      for (const line of cutter.take(reads)) yield line + LF;
      if (pace.isOver()) await pace.rest();
    }
    for (const line of cutter.rest()) yield line + LF;
  }
}

async function* eventLines(
  source: ExportSource,
  event: EventRecord,
  streams: readonly StreamRow[],
  epochs: readonly EpochRecord[],
): AsyncGenerator<string> {
  const { eventId } = event;
  yield eventLine(event) + LF;
  yield* docLines(source, eventId);
  for (const stream of streams) yield streamLine(stream) + LF;
  yield* factLines(source, eventId);
  yield* epochLines(source, epochs);
}

/** The lines with their first and their last, which counts and proves them; others have their turn between any two parts of them. */
async function* framed(
  head: Pick<ArchiveHead, 'kind' | 'eventId'>,
  reads: number,
  body: AsyncIterable<string>,
  pace: Pace,
): AsyncGenerator<string> {
  const hash = createHash('sha256');
  let lines = 0;
  const note = (text: string): string => {
    hash.update(text);
    if (text.endsWith(LF)) lines++;
    return text;
  };
  yield note(headLine(head) + LF);
  for await (const text of body) {
    yield note(text);
    if (pace.isOver()) await pace.rest();
  }
  yield endLine({ lines, reads, sha256: hash.digest('hex') }) + LF;
}

const readsOf = (epochs: readonly EpochRecord[]): number => epochs.reduce((sum, { head }) => sum + head, 0);

/** All of an event, none of whose epochs may be archived: the lines of one portable file. */
export const exportEvent = (source: ExportSource, event: EventRecord): AsyncGenerator<string> => {
  const { eventId } = event;
  // how far each epoch is told is decided here: what comes meanwhile is not in it
  const streams = [...source.registry.streams(eventId)].sort((a, b) => (a.streamId < b.streamId ? -1 : 1));
  const epochs = streams.flatMap(({ streamId }) => source.registry.epochs(streamId));
  return framed({ kind: 'event', eventId }, readsOf(epochs), eventLines(source, event, streams, epochs), source.pace);
};

/** Reads of sealed epochs alone. */
export const exportEpochs = (
  source: ExportSource,
  eventId: EventId,
  epochs: readonly EpochRecord[],
): AsyncGenerator<string> =>
  framed({ kind: 'epochs', eventId }, readsOf(epochs), epochLines(source, epochs), source.pace);
