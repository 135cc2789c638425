import type { ArchivedEpoch, ArchivedReads, ArchivedStream, ArchiveEntry, ArchiveSum } from '@baton/schema/archive';
import { type Refusal, refusal } from '@baton/schema/errors';
import type { EventId, StreamId } from '@baton/schema/ids';
import { err, ok, type Result } from '@baton/schema/result';
import type { ReadLog } from '../../log/read-log.ts';
import type { Registry } from '../../registry/registry.ts';
import { refusalOfCommit } from '../../registry/registry.ts';
import type { EventFact, EventRecord } from '../../storage/records.ts';
import type { AppendReply, Change } from '../../storage/store.ts';
import { readArchiveApart } from './archive-thread.ts';
import { refusalOfDefect } from './defect-refusal.ts';
import { NotUndoneError } from './spool.ts';

export interface ImportTarget {
  readonly registry: Pick<Registry, 'event' | 'stream' | 'epoch' | 'change'>;
  readonly log: Pick<ReadLog, 'append' | 'seal'>;
}

/** Batches on their way to the disk: they share syncs, and no more of them are in memory. */
const WINDOW = 16;
/** Facts on their way to the disk, and their bytes: official results of a large race have some ten megabytes. */
const MAX_FACTS = 1000;
const MAX_FACT_BYTES = 1024 * 1024;

type Done = Result<void, Refusal>;
const DONE: Done = ok(undefined);

const unsound = (message: string): Result<never, Refusal> => err(refusal('ARCHIVE_DAMAGED', message));

/** Why an event cannot be taken as it is: neither it nor any of its streams may be here. */
export const refuseExisting = ({ registry }: Pick<ImportTarget, 'registry'>, sum: ArchiveSum): Refusal | null => {
  const { eventId } = sum.head;
  if (registry.event(eventId) !== undefined) {
    return refusal('EVENT_EXISTS', `event ${eventId} is on this relay already; nothing was changed`, { eventId });
  }
  const known = sum.streams.find(({ streamId }) => registry.stream(streamId) !== undefined);
  if (known === undefined) return null;
  const { streamId } = known;
  const message = `stream ${streamId} belongs to another event of this relay; nothing was changed`;
  return refusal('EVENT_EXISTS', message, { streamId });
};

const refusalOfAppend = (reply: AppendReply): Refusal | null => {
  if (reply.type === 'accepted') return null;
  if (reply.type === 'storage-full') return refusalOfCommit(reply);
  return refusal('INTERNAL', `the relay could not store the archive’s reads: ${reply.type}`);
};

/** One record for each epoch that the stream has had, the current one last. */
const streamChanges = (
  eventId: EventId,
  stream: ArchivedStream,
  epochs: readonly ArchivedEpoch[],
): readonly Change[] => {
  const numbers = epochs.filter(({ streamId }) => streamId === stream.streamId).map(({ epoch }) => epoch);
  return [...new Set([...numbers, stream.currentEpoch])]
    .sort((a, b) => a - b)
    .map((currentEpoch) => ({ type: 'putStream', stream: { ...stream, eventId, currentEpoch } }));
};

/** Takes a whole archive that was found to be sound. The event itself comes last: until then nobody sees anything. */
const createTaking = (target: ImportTarget, sum: ArchiveSum) => {
  const { eventId } = sum.head;
  let facts: EventFact[] = [];
  let factBytes = 0;
  let event: EventRecord | null = null;
  let epoch: ArchivedEpoch | null = null;
  let waiting: Promise<AppendReply>[] = [];

  const flush = async (): Promise<Done> => {
    const replies = await Promise.all(waiting);
    waiting = [];
    const refused = replies.map(refusalOfAppend).find((it) => it !== null);
    return refused === undefined ? DONE : err(refused);
  };

  const closeEpoch = async (): Promise<Done> => {
    const flushed = await flush();
    if (!flushed.ok || epoch === null || epoch.hash === null) return flushed;
    await target.log.seal(epoch, epoch.head);
    return target.registry.epoch(epoch)?.hash === epoch.hash ? DONE : unsound('a sealed epoch came out differently');
  };

  const takeReads = async ({ firstSeq, batch }: ArchivedReads): Promise<Done> => {
    if (epoch === null) return unsound('reads without an epoch before them');
    const pair: { readonly streamId: StreamId; readonly epoch: number } = epoch;
    waiting.push(target.log.append({ streamId: pair.streamId, epoch: pair.epoch, firstSeq, batch }));
    return waiting.length < WINDOW ? DONE : flush();
  };

  const takeDoc = (name: string, update: Uint8Array): Promise<Done> =>
    target.registry.change([{ type: 'putDocAhead', name: `events/${eventId}/${name}`, update }]);

  const flushFacts = async (): Promise<Done> => {
    if (facts.length === 0) return DONE;
    const stored = await target.registry.change([{ type: 'putFactsAhead', facts }]);
    facts = [];
    factBytes = 0;
    return stored;
  };

  const takeFact = async (fact: EventFact): Promise<Done> => {
    facts.push(fact);
    factBytes += fact.bytes.length;
    return facts.length < MAX_FACTS && factBytes < MAX_FACT_BYTES ? DONE : flushFacts();
  };

  const takeStream = async (stream: ArchivedStream): Promise<Done> => {
    // a forwarder may have brought it into being for another event since it was looked for
    const existing = refuseExisting(target, { ...sum, streams: [stream] });
    return existing === null ? target.registry.change(streamChanges(eventId, stream, sum.epochs)) : err(existing);
  };

  const take = async (entry: ArchiveEntry): Promise<Done> => {
    if ('reads' in entry) return takeReads(entry.reads);
    if ('doc' in entry) return takeDoc(entry.doc.name, entry.doc.update);
    if ('fact' in entry) return takeFact({ ...entry.fact, eventId });
    if ('stream' in entry) return takeStream(entry.stream);
    if ('epoch' in entry) {
      const closed = await closeEpoch();
      epoch = entry.epoch;
      return closed;
    }
    if ('event' in entry) event = entry.event;
    return DONE;
  };

  const finish = async (): Promise<Done> => {
    const closed = await closeEpoch();
    if (!closed.ok || event === null) return closed;
    const flushed = await flushFacts();
    return flushed.ok ? target.registry.change([{ type: 'putEvent', event }]) : flushed;
  };

  return { take, finish };
};

const undo = async ({ registry }: ImportTarget, eventId: EventId): Promise<void> => {
  const undone = await registry.change([{ type: 'deleteEvent', eventId }]);
  if (undone.ok) return;
  const cure = 'free some space if the disk is full, then start the relay again: it deletes what was taken';
  throw new NotUndoneError(
    `the import of event ${eventId} failed and could not be undone (${undone.error.message}); ${cure}`,
  );
};

/** Brings a sound archive's event into the relay, all or nothing: what was taken before a failure, of whatever kind, is deleted again. */
export const importEvent = async (target: ImportTarget, path: string, sum: ArchiveSum): Promise<Done> => {
  const taking = createTaking(target, sum);
  let isWhole = false;
  try {
    const read = await readArchiveApart(path, taking.take);
    const finished = read.ok ? await taking.finish() : err(refusalOfDefect(read.error));
    isWhole = finished.ok;
    return finished;
  } finally {
    if (!isWhole) await undo(target, sum.head.eventId);
  }
};
