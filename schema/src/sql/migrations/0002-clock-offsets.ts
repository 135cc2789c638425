import type { Migration } from '../migration.ts';

/** What readers' clocks were off, as operators corrected it. */
export const clockOffsets: Migration = {
  version: 2,
  name: 'clock offsets',
  sql: `
CREATE TABLE clock_offsets (
  stream_id text NOT NULL,
  epoch bigint NOT NULL,
  offset_ms bigint NOT NULL,
  PRIMARY KEY (stream_id, epoch)
);
`,
};
