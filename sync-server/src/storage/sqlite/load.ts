import type { Database } from 'better-sqlite3';
import type {
  AttachmentRecord,
  CursorRecord,
  DayUseRecord,
  EpochRecord,
  EventRecord,
  RelayRecords,
  StreamCounters,
  StreamRecord,
  TokenRecord,
} from '../records.ts';

const EVENTS = `SELECT event_id AS eventId, title, date, timezone, location, status, status_changed_at AS statusChangedAt,
  min_client_version AS minClientVersion, created_at AS createdAt FROM events ORDER BY event_id`;

const TOKENS = `SELECT token_id AS tokenId, hash, role, event_id AS eventId, node_id AS nodeId, label,
  created_at AS createdAt, expires_at AS expiresAt FROM tokens ORDER BY token_id`;

const STREAMS = `SELECT stream_id AS streamId, event_id AS eventId, forwarder_id AS forwarderId, reader,
  current_epoch AS currentEpoch, commanded_epoch AS commandedEpoch, created_at AS createdAt,
  accepted, duplicates, conflicts FROM streams ORDER BY stream_id`;

const EPOCHS = `SELECT streams.stream_id AS streamId, epoch, head, first_read_at AS firstReadAt,
  last_read_at AS lastReadAt, sealed, hash, archived
  FROM epochs JOIN streams USING (stream_ref) ORDER BY stream_ref, epoch`;

const CURSORS = `SELECT receiver_id AS receiverId, streams.stream_id AS streamId, epoch, seq
  FROM cursors JOIN streams USING (stream_ref) ORDER BY receiver_id, stream_ref, epoch`;

const ATTACHMENTS = `SELECT attachment_id AS attachmentId, node_id AS nodeId, event_id AS eventId, role, label,
  client_version AS clientVersion, capabilities, declared, standing, attaches, attached_at AS attachedAt
  FROM attachments ORDER BY event_id, node_id`;

const DAY_USES = 'SELECT owner, hours FROM day_uses ORDER BY owner';

/** The statements of a start, for a test that none of them looks at the log itself. */
export const LOAD_STATEMENTS: readonly string[] = [EVENTS, TOKENS, STREAMS, EPOCHS, CURSORS, ATTACHMENTS, DAY_USES];

interface AttachmentRow extends Omit<AttachmentRecord, 'capabilities' | 'declared'> {
  readonly capabilities: string;
  readonly declared: number;
}

interface EpochRow extends Omit<EpochRecord, 'sealed' | 'archived'> {
  readonly sealed: number;
  readonly archived: number;
}

/** Pairs of an hour and its bytes. */
type Hours = readonly (readonly [number, number])[];

export const textOfHours = ({ hours }: DayUseRecord): string =>
  JSON.stringify(hours.map(({ hour, bytes }) => [hour, bytes]) satisfies Hours);

const hoursOf = (text: string): DayUseRecord['hours'] =>
  (JSON.parse(text) as Hours).map(([hour, bytes]) => ({ hour, bytes }));

/** All records; the rows were checked when they were written. */
export const loadRecords = (db: Database): RelayRecords => ({
  events: db.prepare<[], EventRecord>(EVENTS).all(),
  tokens: db.prepare<[], TokenRecord>(TOKENS).all(),
  streams: db.prepare<[], StreamRecord & StreamCounters>(STREAMS).all(),
  epochs: db
    .prepare<[], EpochRow>(EPOCHS)
    .all()
    .map((row) => ({ ...row, sealed: row.sealed === 1, archived: row.archived === 1 })),
  cursors: db.prepare<[], CursorRecord>(CURSORS).all(),
  attachments: db
    .prepare<[], AttachmentRow>(ATTACHMENTS)
    .all()
    .map((row) => ({ ...row, capabilities: JSON.parse(row.capabilities), declared: row.declared === 1 })),
  dayUses: db
    .prepare<[], { owner: string; hours: string }>(DAY_USES)
    .all()
    .map(({ owner, hours }) => ({ owner, hours: hoursOf(hours) })),
});
