/** What is exported: a stream, one epoch of it, or what is mapped to a race. */
export type ExportScope =
  | { readonly type: 'stream'; readonly streamId: string }
  | { readonly type: 'epoch'; readonly streamId: string; readonly epoch: number }
  | { readonly type: 'race'; readonly raceId: string };

export type ExportFormat = 'txt' | 'csv';

interface Statement {
  readonly sql: string;
  readonly params: readonly unknown[];
}

/** The epochs of a scope with how many reads each has now: more that come meanwhile are not exported. */
export const epochsStatement = (scope: ExportScope): Statement => {
  switch (scope.type) {
    case 'stream':
      return {
        sql: 'SELECT stream_id, epoch, seq FROM clock WHERE stream_id = $1 ORDER BY epoch',
        params: [scope.streamId],
      };
    case 'epoch':
      return {
        sql: 'SELECT stream_id, epoch, seq FROM clock WHERE stream_id = $1 AND epoch = $2',
        params: [scope.streamId, scope.epoch],
      };
    case 'race':
      return {
        sql: `SELECT c.stream_id, c.epoch, c.seq FROM clock c
JOIN mappings m ON m.stream_id = c.stream_id AND m.epoch = c.epoch
WHERE m.race_id = $1 ORDER BY c.stream_id, c.epoch`,
        params: [scope.raceId],
      };
  }
};

export const PAGE_READS = 5000;

export const PAGE_OF_EPOCH = `SELECT seq, reader_time, received_at, chip, kind, raw FROM reads
WHERE stream_id = $1 AND epoch = $2 AND seq > $3 AND seq <= $4 ORDER BY seq LIMIT ${PAGE_READS}`;

/** The same as one value: its lines as they go into the file, put together by Postgres; how many, and the last. */
export const LINES_OF_EPOCH = `SELECT coalesce(max(seq), 0) AS last, count(*) AS reads,
  coalesce(string_agg(raw || '\\x0a'::bytea, ''::bytea ORDER BY seq), ''::bytea) AS lines FROM reads
WHERE stream_id = $1 AND epoch = $2 AND seq > $3 AND seq <= $4`;

const UNSAFE = /[^A-Za-z0-9._-]+/g;

/** A name that every file system takes. */
export const fileName = (scope: ExportScope, format: ExportFormat): string => {
  const parts =
    scope.type === 'race'
      ? ['race', scope.raceId]
      : [scope.streamId, ...(scope.type === 'epoch' ? [`epoch-${scope.epoch}`] : [])];
  return `${parts.join('-').replace(UNSAFE, '_').slice(0, 120)}.${format}`;
};
