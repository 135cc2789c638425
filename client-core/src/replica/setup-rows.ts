import type { Roster, Setup } from '@baton/schema/doc';
import type { StreamId } from '@baton/schema/ids';
import { pairFromKey } from '@baton/schema/reads';

/** Tables that mirror the setup and roster documents and the relay's list of streams. */
export const SETUP_TABLES = [
  'races',
  'points',
  'categories',
  'streams',
  'mappings',
  'participants',
  'chips',
  'corrections',
] as const;
export type SetupTable = (typeof SETUP_TABLES)[number];

export type SetupRow = Readonly<Record<string, string | number | null>>;

/** Rows of each of these tables by column name, and the names of epochs. */
export type SetupRows = Readonly<Record<SetupTable | 'epochNames', readonly SetupRow[]>>;

export const NO_SETUP: SetupRows = {
  races: [],
  points: [],
  categories: [],
  streams: [],
  mappings: [],
  participants: [],
  chips: [],
  corrections: [],
  epochNames: [],
};

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
const pairRows = (entries: ReadonlyMap<string, string>, column: string): readonly SetupRow[] =>
  [...entries].flatMap(([key, value]) => {
    const pair = pairFromKey(key);
    return pair === null ? [] : [{ stream_id: pair.streamId, epoch: pair.epoch, [column]: value }];
  });

const streamRow =
  (setup: Setup) =>
  (it: KnownStream): SetupRow => ({
    stream_id: it.streamId,
    forwarder_id: it.forwarderId,
    reader: it.reader,
    label: setup.streamLabels.get(it.streamId) ?? null,
    point_id: setup.streamPoints.get(it.streamId) ?? null,
    current_epoch: it.epoch,
  });

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

/** What `applySetup` stores of the two documents and the relay's list of streams. */
export const setupRows = (setup: Setup, roster: Roster, streams: readonly KnownStream[]): SetupRows => ({
  ...raceRows(setup),
  streams: streams.map(streamRow(setup)),
  mappings: pairRows(setup.epochRaces, 'race_id'),
  epochNames: pairRows(setup.epochNames, 'name'),
  ...rosterRows(roster),
});
