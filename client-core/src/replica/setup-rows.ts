import type { Roster, Setup } from '@baton/schema/doc';
import type { EventId, StreamId } from '@baton/schema/ids';
import { pairFromKey } from '@baton/schema/reads';
import type { TableRow, TableShape } from './table-mirror.ts';

/** Tables that mirror the event, the setup and roster documents and the relay's list of streams. */
const SHAPES = {
  event: { key: ['event_id'], others: ['title', 'date', 'timezone'] },
  rules: { key: ['name'], others: ['value'] },
  races: { key: ['race_id'], others: ['name', 'start_at'] },
  points: { key: ['race_id', 'point_id'], others: ['name', 'kind', 'position'] },
  categories: { key: ['race_id', 'category_id'], others: ['name', 'sex', 'age_from', 'age_to', 'position'] },
  streams: { key: ['stream_id'], others: ['forwarder_id', 'reader', 'label', 'point_id', 'current_epoch'] },
  mappings: { key: ['stream_id', 'epoch'], others: ['race_id'] },
  clock_offsets: { key: ['stream_id', 'epoch'], others: ['offset_ms'] },
  participants: {
    key: ['participant_id'],
    others: ['bib', 'first_name', 'last_name', 'club', 'sex', 'birth_year', 'category', 'race_id'],
  },
  chips: { key: ['chip'], others: ['participant_id'] },
  corrections: { key: ['participant_id'], others: ['status', 'manual_ms', 'reason', 'author', 'at'] },
} as const;

export type SetupTable = keyof typeof SHAPES;

export const SETUP_TABLES = Object.keys(SHAPES) as readonly SetupTable[];

export const setupShape = (table: SetupTable): TableShape => {
  const { key, others } = SHAPES[table];
  return { table, key, columns: [...key, ...others] };
};

export type SetupRow = TableRow;

/** Rows of each of these tables by column name, and the names of epochs. */
export type SetupRows = Readonly<Record<SetupTable | 'epochNames', readonly SetupRow[]>>;

export const NO_SETUP: SetupRows = {
  event: [],
  rules: [],
  races: [],
  points: [],
  categories: [],
  streams: [],
  mappings: [],
  clock_offsets: [],
  participants: [],
  chips: [],
  corrections: [],
  epochNames: [],
};

/** What results need of the event itself. */
export interface EventFacts {
  readonly eventId: EventId;
  readonly title: string;
  /** `YYYY-MM-DD`. */
  readonly date: string;
  /** IANA zone. */
  readonly timezone: string;
}

/** A stream as the relay lists it. */
export interface KnownStream {
  readonly streamId: StreamId;
  readonly forwarderId: string;
  readonly reader: string;
  readonly epoch: number;
}

const raceRows = ({ races }: Setup): Pick<SetupRows, 'races' | 'points' | 'categories'> => {
  const all = [...races.values()];
  return {
    races: all.map((it) => ({ race_id: it.raceId, name: it.name, start_at: it.startAt })),
    points: all.flatMap(({ raceId, points }) =>
      points.map((it, position) => ({ race_id: raceId, point_id: it.pointId, name: it.name, kind: it.kind, position })),
    ),
    categories: all.flatMap(({ raceId, categories }) =>
      categories.map((it, position) => ({
        race_id: raceId,
        category_id: it.categoryId,
        name: it.name,
        sex: it.sex,
        age_from: it.ageFrom,
        age_to: it.ageTo,
        position,
      })),
    ),
  };
};

/** Entries of a map keyed by `streamId/epoch`. */
const pairRows = (entries: ReadonlyMap<string, string | number>, column: string): readonly SetupRow[] =>
  [...entries].flatMap(([key, value]) => {
    const pair = pairFromKey(key);
    return pair === null ? [] : [{ stream_id: pair.streamId, epoch: pair.epoch, [column]: value }];
  });

/** Streams that the relay lists, and those that only the setup knows yet. */
const streamRows = (setup: Setup, listed: readonly KnownStream[]): readonly SetupRow[] => {
  const known = new Map(listed.map((it) => [it.streamId, it]));
  const ids = new Set([...known.keys(), ...setup.streamLabels.keys(), ...setup.streamPoints.keys()]);
  return [...ids].map((streamId) => {
    const stream = known.get(streamId);
    return {
      stream_id: streamId,
      forwarder_id: stream?.forwarderId ?? null,
      reader: stream?.reader ?? null,
      label: setup.streamLabels.get(streamId) ?? null,
      point_id: setup.streamPoints.get(streamId) ?? null,
      current_epoch: stream?.epoch ?? null,
    };
  });
};

const rosterRows = (roster: Roster): Pick<SetupRows, 'participants' | 'chips' | 'corrections'> => ({
  participants: [...roster.participants.values()].map((it) => ({
    participant_id: it.participantId,
    bib: it.bib,
    first_name: it.firstName,
    last_name: it.lastName,
    club: it.club,
    sex: it.sex,
    birth_year: it.birthYear,
    category: it.category,
    race_id: it.raceId,
  })),
  chips: [...roster.chips].map(([chip, participantId]) => ({ chip, participant_id: participantId })),
  corrections: [...roster.corrections].map(([participantId, it]) => ({
    participant_id: participantId,
    status: it.status,
    manual_ms: it.manualMs,
    reason: it.reason,
    author: it.author,
    at: it.at,
  })),
});

const eventRows = (event: EventFacts | null): readonly SetupRow[] =>
  event === null ? [] : [{ event_id: event.eventId, title: event.title, date: event.date, timezone: event.timezone }];

/**
 * What `applySetup` stores: the two documents, the relay's list of streams, and the event. Without an event
 * (null) nothing is known of its zone, and no results are computed.
 */
export const setupRows = (
  setup: Setup,
  roster: Roster,
  streams: readonly KnownStream[],
  event: EventFacts | null,
): SetupRows => ({
  event: eventRows(event),
  rules: Object.entries(setup.rules).map(([name, value]) => ({ name, value: `${value}` })),
  ...raceRows(setup),
  streams: streamRows(setup, streams),
  mappings: pairRows(setup.epochRaces, 'race_id'),
  clock_offsets: pairRows(setup.epochOffsets, 'offset_ms'),
  epochNames: pairRows(setup.epochNames, 'name'),
  ...rosterRows(roster),
});
