export type { Migration } from './migration.ts';
export { MIGRATIONS, pendingMigrations, SCHEMA_VERSION, VERSION_KEY } from './migrations.ts';
export {
  ADD_TO_CHIP_TOTALS,
  CHIP_TOTALS_COLUMNS,
  COPY_READS,
  PUT_META,
  RAISE_CLOCK,
  READ_CLOCK,
  READ_COLUMNS,
  READS_OF_RACE_AFTER_POS,
  READS_OF_STREAM_AFTER_POS,
} from './statements.ts';
