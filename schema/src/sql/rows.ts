import type { NodeId, PointId, RaceId, StreamId } from '../ids.ts';

/** Setup and roster, flattened into the replica's tables; keys are the columns' names. */
export interface SetupRows {
  readonly races: readonly RaceRow[];
  readonly streams: readonly StreamRow[];
  readonly epochRaces: readonly EpochRaceRow[];
  readonly participants: readonly ParticipantRow[];
  readonly chips: readonly ChipRow[];
}

export interface RaceRow {
  readonly race_id: RaceId;
  readonly name: string;
  /** Gun time, milliseconds since the Unix epoch. */
  readonly start_at: number | null;
}

export interface StreamRow {
  readonly stream_id: StreamId;
  readonly forwarder_id: NodeId | null;
  readonly label: string | null;
  readonly point_id: PointId | null;
}

export interface EpochRaceRow {
  readonly stream_id: StreamId;
  readonly epoch: number;
  readonly race_id: RaceId;
}

export interface ParticipantRow {
  readonly participant_id: string;
  /** Null: takes part in whatever race its chip is read in. */
  readonly race_id: RaceId | null;
  readonly bib: string;
  readonly first_name: string;
  readonly last_name: string;
  readonly club: string | null;
  readonly sex: string | null;
  readonly birth_year: number | null;
  readonly category: string | null;
}

export interface ChipRow {
  readonly chip: string;
  readonly participant_id: string;
}

export const NO_SETUP: SetupRows = { races: [], streams: [], epochRaces: [], participants: [], chips: [] };
