export type { ChipRow, EpochRaceRow, ParticipantRow, RaceRow, SetupRows, StreamRow } from './rows.ts';
export { NO_SETUP } from './rows.ts';
export { REPLICA_SCHEMA_VERSION, REPLICA_TABLES_SQL, SETUP_TABLES } from './tables.ts';
