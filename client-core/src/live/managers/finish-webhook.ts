import { type ParticipantId, participantName } from '@baton/schema/doc';
import type { EventId, RaceId } from '@baton/schema/ids';
import { pairKey } from '@baton/schema/reads';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Command, LiveItem, ProcessManager, Reaction, ReadItem, TickItem } from '../consumer.ts';
import { type BucketMap, deleteAt, emptyMap, entriesOf, hasKey, setAt } from './bucket-map.ts';
import {
  type Course,
  courseOf,
  gunOf,
  type PlacedRead,
  placeRead,
  type WatchedEvent,
  withoutCourse,
} from './course.ts';

/** A participant's first read at a finish. */
interface Finish {
  readonly raceId: RaceId;
  readonly participantId: ParticipantId;
  /** Reader's wall time, in ms. */
  readonly wall: number;
  readonly streamId: string;
  readonly epoch: number;
  readonly seq: number;
}

type WaitingRead = Pick<ReadItem, 'streamId' | 'epoch' | 'seq' | 'chip' | 'readerTime' | 'receivedAt' | 'kind'>;

export interface FinishWebhookState {
  /** Everybody whose finish is known: told, or in `due`. */
  readonly known: BucketMap<1>;
  /** To be told, in the order in which they came; they wait while it is switched off. */
  readonly due: readonly Finish[];
  /** Reads of which nobody could say yet whose or where they are: an epoch may be mapped after its runners have passed. */
  readonly waiting: BucketMap<WaitingRead>;
  readonly course: Course | null;
}

const TICK_MS = 1000;
/** Commands of one item; the rest goes with the next. */
const AT_ONCE = 50;
/** Beyond, reads that cannot be placed are let go. */
const MAX_WAITING = 50_000;

/** What is sent. Fields are only ever added. */
export interface FinishBody {
  readonly type: 'finish';
  readonly eventId: EventId;
  readonly race: { readonly raceId: RaceId; readonly name: string };
  readonly participantId: ParticipantId;
  readonly bib: string;
  readonly name: string;
  /** Wall time at the finish, `YYYY-MM-DDTHH:MM:SS.mmm`. */
  readonly time: string;
  /** Since the gun, in ms; null without a gun. */
  readonly gunMs: number | null;
  /** Which read it was. */
  readonly read: { readonly streamId: string; readonly epoch: number; readonly seq: number };
}

const finisherKey = (raceId: RaceId, participantId: ParticipantId): string => `${raceId} ${participantId}`;

/** Keys have at most 512 characters, participants' ids may have 300 of any script. */
const commandKey = ({ raceId, participantId }: Finish): string => {
  const plain = encodeURIComponent(participantId.replaceAll(/\p{Cs}/gu, '\ufffd'));
  return `finish/${raceId}/${plain.length <= 300 ? plain : bytesToHex(sha256(utf8ToBytes(participantId)))}`;
};

const isFinish = ({ plan, point, wall }: PlacedRead): boolean =>
  point.kind === 'finish' && (plan.gun === null || wall - plan.clock.base >= plan.gun + plan.rules.minLapMs);

const take = (state: FinishWebhookState, placed: PlacedRead, read: WaitingRead): FinishWebhookState => {
  const { raceId } = placed.race;
  const { participantId } = placed.participant;
  const key = finisherKey(raceId, participantId);
  if (!isFinish(placed) || hasKey(state.known, key)) return state;
  const { streamId, epoch, seq } = read;
  const finish = { raceId, participantId, wall: placed.wall, streamId, epoch, seq };
  return { ...state, known: setAt(state.known, key, 1), due: [...state.due, finish] };
};

const waitingKey = (read: WaitingRead): string => `${pairKey(read.streamId, read.epoch)} ${read.seq}`;

const withRead = (state: FinishWebhookState, item: ReadItem): FinishWebhookState => {
  if (item.chip === null || item.readerTime === null) return state; // never anybody's
  const placed = state.course === null ? null : placeRead(state.course, item);
  if (placed !== null) return take(state, placed, item);
  if (state.waiting.size >= MAX_WAITING) return state;
  const { streamId, epoch, seq, chip, readerTime, receivedAt, kind } = item;
  const read = { streamId, epoch, seq, chip, readerTime, receivedAt, kind };
  return { ...state, waiting: setAt(state.waiting, waitingKey(read), read) };
};

/** In the order in which the reads were taken, as far as readers' clocks agree. */
const byTime = ({ read: a }: { readonly read: WaitingRead }, { read: b }: { readonly read: WaitingRead }): number =>
  (a.readerTime ?? '') < (b.readerTime ?? '') ? -1 : (a.readerTime ?? '') > (b.readerTime ?? '') ? 1 : a.seq - b.seq;

/** The documents say more now: what waited is looked at again. */
const withCourse = (state: FinishWebhookState, course: Course): FinishWebhookState => {
  const placeable = [...entriesOf(state.waiting)]
    .flatMap(([key, read]) => {
      const placed = placeRead(course, { type: 'read', raw: new Uint8Array(), ...read });
      return placed === null ? [] : [{ key, read, placed }];
    })
    .sort(byTime);
  let now: FinishWebhookState = { ...state, course };
  for (const { key, read, placed } of placeable)
    now = { ...take(now, placed, read), waiting: deleteAt(now.waiting, key) };
  return now;
};

const wallText = (wall: number): string => new Date(wall).toISOString().slice(0, -1);

const bodyOf = (finish: Finish, course: Course, { eventId }: WatchedEvent): FinishBody | null => {
  const { raceId, participantId, wall, streamId, epoch, seq } = finish;
  const race = course.setup.races.get(raceId);
  const participant = course.roster.participants.get(participantId);
  if (race === undefined || participant === undefined) return null; // removed since
  const gun = gunOf(course, raceId);
  return {
    type: 'finish',
    eventId,
    race: { raceId, name: race.name },
    participantId,
    bib: participant.bib,
    name: participantName(participant),
    time: wallText(wall),
    gunMs: gun === null ? null : wall - gun,
    read: { streamId, epoch, seq },
  };
};

const commandOf = (finish: Finish, course: Course, facts: WatchedEvent): readonly Command[] => {
  const body = bodyOf(finish, course, facts);
  const url = course.setup.watch.finishWebhookUrl;
  return body === null ? [] : [{ key: commandKey(finish), type: 'webhook', payload: { url, body } }];
};

/** Tells what is due, where it is switched on. */
const tell = (state: FinishWebhookState, facts: WatchedEvent): Reaction<FinishWebhookState> => {
  const { course, due } = state;
  if (course === null || due.length === 0) return { state, commands: [] };
  const { finishWebhookOn, finishWebhookUrl } = course.setup.watch;
  if (!finishWebhookOn || finishWebhookUrl === '') return { state, commands: [] };
  const commands = due.slice(0, AT_ONCE).flatMap((finish) => commandOf(finish, course, facts));
  return { state: { ...state, due: due.slice(AT_ONCE) }, commands };
};

/**
 * Calls another program for each finish: a participant's first read at a finish of the race that its epoch is mapped to, at least the
 * minimum lap after the gun. Each is told once, from the beginning of the event, however late it is switched on or mapped;
 * the key is the participant's in that race, so that a receiver sees one also where it is called twice.
 */
export const createFinishWebhook = (facts: WatchedEvent): ProcessManager<FinishWebhookState> => ({
  name: 'finish-webhook',
  version: `1 ${facts.timezone}`,
  tickMs: TICK_MS,
  codec: withoutCourse(),
  initial: () => ({ known: emptyMap(), due: [], waiting: emptyMap(), course: null }),
  react: (state: FinishWebhookState, item: LiveItem | TickItem) => {
    if (item.type === 'read') return tell(withRead(state, item), facts);
    return tell(item.type === 'setup' ? withCourse(state, courseOf(item, facts)) : state, facts);
  },
});
