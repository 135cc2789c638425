import { z } from 'zod';
import { Label, RacePatch, StartAt } from '../doc/race.ts';
import { Epoch, EventId, NodeId, PointId, RaceId, StreamId, TokenId } from '../ids.ts';
import { MAX_BATCH_READS } from '../reads/batch-codec.ts';
import { ClockJson } from '../reads/clock.ts';
import { isTimezone } from '../results/wall-time.ts';
import { Selection } from '../selection/selection.ts';
import { SealHash } from './down.ts';
import { Instant, InstantMs } from './instant.ts';
import { AttachFields, Capabilities, ClaimedHealth, ClientVersion, NodeState } from './node.ts';

export type { Lacking, LinkFailure } from './relay-status.ts';
export { HealthBody, LinkBody, LinkedEvent, RelayBody, RelayEvent, Trouble } from './relay-status.ts';
export type { OfficialChanges, OfficialReview } from './spectators.ts';
export {
  AnnouncerRow,
  CategoryRow,
  IngestedBody,
  IngestOnCourse,
  IngestResults,
  IngestStructure,
  OfficialBody,
  OnCourseRow,
} from './spectators.ts';

/**
 * Bodies of the HTTP API under `/api/v1`, shared by relay, pages and command line. Times are
 * milliseconds since the Unix epoch unless said; requests may also have them as ISO 8601 with a zone. Requests are strict objects: a field nobody knows
 * is a mistake somebody should hear of. Answers are read leniently: a later relay may say more.
 */

export const EventStatus = z.enum(['draft', 'startlist', 'running', 'finished', 'official']);
export type EventStatus = z.infer<typeof EventStatus>;

/** Which status may follow which. */
export const TRANSITIONS: Readonly<Record<EventStatus, readonly EventStatus[]>> = {
  draft: ['startlist'],
  startlist: ['running', 'draft'],
  running: ['finished'],
  finished: ['official', 'running'],
  official: [],
};

const isDay = (text: string): boolean => {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  // Date.parse takes 30 February for 1 March
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
};

export const EventDate = z.string().refine(isDay, 'expected a date YYYY-MM-DD');
export const Timezone = z.string().max(64).refine(isTimezone, 'expected an IANA time zone such as Europe/Paris');
const Location = z.string().trim().min(1).max(200).nullable();

export const CreateEvent = z.strictObject({
  title: Label,
  date: EventDate,
  timezone: Timezone,
  location: Location.optional(),
  eventId: EventId.optional(),
});
export type CreateEvent = z.input<typeof CreateEvent>;

export const PatchEvent = z.strictObject({
  title: Label.optional(),
  date: EventDate.optional(),
  timezone: Timezone.optional(),
  location: Location.optional(),
});
export type PatchEvent = z.input<typeof PatchEvent>;

export const PatchStatus = z.strictObject({ status: EventStatus });

export const PutVersionFloor = z.strictObject({ minClientVersion: ClientVersion });

export const EventBody = z.object({
  eventId: EventId,
  title: z.string(),
  date: z.string(),
  timezone: z.string(),
  location: z.string().nullable(),
  status: EventStatus,
  statusChangedAt: z.int(),
  minClientVersion: z.string().nullable(),
  createdAt: z.int(),
});
export type EventBody = z.infer<typeof EventBody>;

export const EventList = z.object({ events: z.array(EventBody) });

export const StatusBody = z.object({
  eventId: EventId,
  previousStatus: EventStatus,
  status: EventStatus,
  statusChangedAt: z.int(),
});

/** Roles that a token can be made for; the admin token is given to the relay at start. */
export const TokenRole = z.enum(['operator', 'receiver', 'forwarder', 'viewer']);
export type TokenRole = z.infer<typeof TokenRole>;

export const CreateToken = z.strictObject({
  role: TokenRole,
  eventId: EventId,
  /** For forwarders and receivers only; made up when absent. */
  nodeId: NodeId.nullish(),
  label: z.string().trim().max(128).nullish(),
  expiresAt: Instant.nullish(),
});
export type CreateToken = z.input<typeof CreateToken>;

export const TokenBody = z.object({
  tokenId: TokenId,
  role: z.enum(['admin', ...TokenRole.options]),
  eventId: EventId.nullable(),
  nodeId: NodeId.nullable(),
  label: z.string().nullable(),
  createdAt: z.int(),
  expiresAt: z.int().nullable(),
});
export type TokenBody = z.infer<typeof TokenBody>;

/** The only answer that ever carries a secret. */
export const CreatedToken = TokenBody.extend({ token: z.string() });
export type CreatedToken = z.infer<typeof CreatedToken>;

/** A token as lists show it. */
export const ListedToken = TokenBody.extend({
  /** WebSockets open with it right now. */
  connections: z.int().default(0),
  /** Null: not since the relay started. */
  lastUsedAt: z.int().nullable().default(null),
});
export type ListedToken = z.infer<typeof ListedToken>;

export const TokenList = z.object({ tokens: z.array(ListedToken) });

export const MeBody = z.object({
  /** Whose this is, for ever: what a device keys its copies by. Null: the admin token given at start. */
  tokenId: TokenId.nullable().default(null),
  role: z.enum(['admin', ...TokenRole.options]),
  eventId: EventId.nullable(),
  nodeId: NodeId.nullable(),
  label: z.string().nullable(),
  expiresAt: z.int().nullable(),
});
export type MeBody = z.infer<typeof MeBody>;

/** A gun start may also be a number, ms since the Unix epoch, as other times are. */
const startAt = z
  .union([StartAt, InstantMs], {
    error: 'expected YYYY-MM-DDTHH:MM[:SS[.mmm]] with Z, an offset, or nothing for local time; or ms since 1970',
  })
  .nullable()
  .optional();

export const CreateRace = z.strictObject({ ...RacePatch.shape, name: Label, startAt });
export const PatchRace = z.strictObject({ ...RacePatch.shape, startAt });
export type PatchRaceBody = z.input<typeof PatchRace>;

export const RaceBody = z.object({
  raceId: RaceId,
  eventId: EventId,
  name: z.string(),
  startAt: z.string().nullable(),
  points: z.array(z.object({ pointId: PointId, name: z.string(), kind: z.enum(['start', 'split', 'finish']) })),
  categories: z.array(
    z.object({
      categoryId: z.string(),
      name: z.string(),
      sex: z.string().nullable(),
      ageFrom: z.int().nullable(),
      ageTo: z.int().nullable(),
    }),
  ),
});
export type RaceBody = z.infer<typeof RaceBody>;

export const RaceList = z.object({ races: z.array(RaceBody) });

/** What a form leaves empty is not there. */
const orAbsent = <T extends z.ZodType>(schema: T) =>
  z.preprocess((it) => (it === '' ? undefined : it), schema.optional());

/** How a list of participants or chips is to be read; the list itself is the body. */
export const RosterQuery = z.object({
  kind: orAbsent(z.enum(['participants', 'chips'])),
  raceId: orAbsent(z.string().max(300)),
  format: orAbsent(z.enum(['ppl', 'bibchip', 'csv'])),
  mode: orAbsent(z.enum(['merge', 'replace'])),
});

/** `imported`: rows of the list, also those that changed nothing. */
export const ImportedBody = z.object({ imported: z.int().min(0) });

/** Details of a refused list. */
export const ImportProblems = z.object({
  /** The lines in question, from 1. */
  lines: z.array(z.int()),
  problems: z.array(z.object({ line: z.int().nullable(), message: z.string() })),
  /** How many more problems there are. */
  more: z.int().min(0),
});

export const NodeHealth = z.enum(['online', 'degraded', 'offline']);
export type NodeHealth = z.infer<typeof NodeHealth>;

export const StreamBody = z.object({
  streamId: StreamId,
  eventId: EventId,
  forwarderId: NodeId,
  reader: z.string(),
  label: z.string().nullable(),
  pointId: PointId.nullable(),
  /** The current one. */
  epoch: Epoch,
  epochName: z.string().nullable(),
  health: NodeHealth,
  readerConnected: z.boolean(),
  /** Highest seq of the current epoch. */
  head: z.int().min(0),
  lastReadAt: z.int().nullable(),
  createdAt: z.int(),
  counters: z.object({
    accepted: z.int().min(0),
    duplicates: z.int().min(0),
    conflicts: z.int().min(0),
    unparsable: z.int().min(0),
  }),
});
export type StreamBody = z.infer<typeof StreamBody>;

export const StreamList = z.object({ streams: z.array(StreamBody) });

export const PatchStream = z.strictObject({
  label: Label.nullable().optional(),
  pointId: PointId.nullable().optional(),
});

/**
 * Which race. Kept as text: whether it is no id at all (400) or one that nothing has (404) is the
 * relay's to say, who knows the races.
 */
export const PutRace = z.strictObject({ raceId: z.string().max(300).nullable() });

export const PutName = z.strictObject({ name: Label.nullable() });

export const EpochBody = z.object({
  epoch: Epoch,
  name: z.string().nullable(),
  readCount: z.int().min(0),
  firstReadAt: z.int().nullable(),
  lastReadAt: z.int().nullable(),
  isCurrent: z.boolean(),
  raceId: RaceId.nullable(),
  sealed: z.boolean(),
  /** Of a sealed epoch; null before, and from a relay of an earlier version. */
  hash: SealHash.nullable().default(null),
  chunkSize: z.int().min(1),
});
export type EpochBody = z.infer<typeof EpochBody>;

export const EpochList = z.array(EpochBody);

export const MappingBody = z.object({ streamId: StreamId, epoch: Epoch, raceId: RaceId.nullable() });
export type MappingBody = z.infer<typeof MappingBody>;
export const MappingList = z.object({ mappings: z.array(MappingBody) });

export const ForwarderRaceBody = z.object({ forwarderId: NodeId, raceId: RaceId.nullable() });

/** A read in an answer; `raw` is base64. */
export const ReadBody = z.object({
  seq: z.int().min(1),
  readerTime: z.string().nullable(),
  receivedAt: z.int().min(0),
  chip: z.string().nullable(),
  kind: z.string(),
  raw: z.string(),
});
export type ReadBody = z.infer<typeof ReadBody>;

export const BatchBody = z.object({
  streamId: StreamId,
  epoch: Epoch,
  firstSeq: z.int().min(1),
  reads: z.array(ReadBody),
});
export type BatchBody = z.infer<typeof BatchBody>;

export const MAX_WAIT_MS = 25_000;
export const MAX_PULL_BYTES = 8 * 1024 * 1024;
export const DEFAULT_PULL_BYTES = 1024 * 1024;

export const PullRequest = z
  .strictObject({
    clock: ClockJson.default({}),
    selection: Selection.optional(),
    targets: z
      .array(z.strictObject({ streamId: StreamId, epoch: Epoch }))
      .max(10_000)
      .optional(),
    maxBytes: z.int().min(1).max(MAX_PULL_BYTES).default(DEFAULT_PULL_BYTES),
    waitMs: z.int().min(0).max(MAX_WAIT_MS).default(0),
  })
  .refine((it) => (it.selection === undefined) !== (it.targets === undefined), 'expected either selection or targets');
export type PullRequest = z.input<typeof PullRequest>;

export const PullWarning = z.object({
  code: z.string(),
  message: z.string(),
  streamId: StreamId.optional(),
  epoch: Epoch.optional(),
});
export type PullWarning = z.infer<typeof PullWarning>;

export const PullBody = z.object({
  batches: z.array(BatchBody),
  /** What the asker holds once it has stored the batches: its next request's clock. */
  clock: ClockJson,
  /** Heads of the targets. */
  head: ClockJson,
  upToDate: z.boolean(),
  warnings: z.array(PullWarning),
});
export type PullBody = z.infer<typeof PullBody>;

/** Media type of one batch of `@baton/schema/reads`, columns as stored. */
export const BATCH_MEDIA_TYPE = 'application/vnd.baton.batch';
/** Reads of a full chunk: what the relay's store compacts into one batch, so that a chunk is sent as it lies. */
export const CHUNK_READS = MAX_BATCH_READS;

export const ReadList = z.object({ reads: z.array(ReadBody), total: z.int().min(0) });

const Count = z.int().min(0).nullable();

/** One participant's line in one race, as anybody may see it. Times in ms. */
export const ResultRow = z.object({
  raceId: RaceId,
  bib: z.string(),
  name: z.string(),
  club: z.string().nullable(),
  category: z.string().nullable(),
  sex: z.string().nullable(),
  status: z.enum(['DNS', 'DNF', 'DSQ']).nullable(),
  rank: Count,
  categoryRank: Count,
  sexRank: Count,
  gunMs: z.number().nullable(),
  chipMs: z.number().nullable(),
  behindMs: z.number().nullable(),
  splits: z
    .array(z.object({ pointId: PointId, name: z.string(), elapsedMs: z.number().nullable(), rank: Count }))
    .readonly(),
  updatedAt: z.int().nullable(),
});
export type ResultRow = z.infer<typeof ResultRow>;

export const StartRow = z.object({
  raceId: RaceId,
  bib: z.string(),
  name: z.string(),
  club: z.string().nullable(),
  category: z.string().nullable(),
  sex: z.string().nullable(),
});
export type StartRow = z.infer<typeof StartRow>;

export const Page = <T extends z.ZodType>(row: T) =>
  z.object({
    data: z.array(row),
    total: z.int().min(0),
    asOf: z.int(),
    /** The cut of the spectators' feed at which it was so; another relay may leave it out. */
    hub: z.string().optional(),
    version: z.int().min(0).optional(),
  });

export const AttachNode = z.strictObject(AttachFields);
export type AttachNode = z.input<typeof AttachNode>;

export const AttachedBody = z.object({
  attachmentId: z.string(),
  state: NodeState,
  /** Its version is below the event's floor: it reads, and its writes are refused. */
  readOnly: z.boolean(),
  attachedAt: z.int(),
});
export type AttachedBody = z.infer<typeof AttachedBody>;

const Reason = z.string().max(512);

export const NodeHeartbeat = z.strictObject({ nodeId: NodeId, health: ClaimedHealth });

export const DeclareCapabilities = z.strictObject({
  nodeId: NodeId,
  capabilities: Capabilities,
  healthChanges: z.strictObject({ state: ClaimedHealth, reason: Reason.optional() }).optional(),
});

export const DeclaredBody = z.object({ nodeId: NodeId, state: NodeState, updatedAt: z.int() });

export const DetachNode = z.strictObject({ nodeId: NodeId, reason: Reason.optional() });

export const RevokeNode = z.strictObject({ eventId: EventId });

/** A reader of a forwarder, as its last heartbeat told. */
export const NodeReader = z.object({
  streamId: StreamId,
  reader: z.string(),
  connected: z.boolean(),
  lastLineAt: z.int().nullable(),
  linesPerSecond: z.number(),
  unparsable: z.int(),
  /** Batches refused since other bytes stand under their numbers. */
  conflicts: z.int().min(0),
  clockOffsetMs: z.number().nullable(),
  /** Reads that are in the forwarder's journal and not here. */
  backlog: z.int().min(0),
  lastReadAt: z.int().nullable(),
});
export type NodeReader = z.infer<typeof NodeReader>;

export const NodeBody = z.object({
  nodeId: NodeId,
  role: z.string(),
  label: z.string().nullable(),
  state: NodeState,
  health: NodeHealth,
  clientVersion: z.string(),
  readOnly: z.boolean(),
  capabilities: Capabilities,
  attachedAt: z.int(),
  lastHeartbeatAt: z.int(),
  /** It left on purpose, or its place was given away: nobody need look for it. */
  detached: z.boolean(),
  /** A session of it is open right now. */
  connected: z.boolean(),
  /** How often a newer session took over from one that was open: more than one device may have this identity. */
  takeovers: z.int().min(0),
  lastTakeoverAt: z.int().nullable(),
  /** The node's wall clock minus the relay's, in ms; null when it has not told its own. */
  skewMs: z.number().nullable(),
  readers: z.array(NodeReader),
});
export type NodeBody = z.infer<typeof NodeBody>;

export const NodeList = z.object({ nodes: z.array(NodeBody) });

/** What lies beside a backup's file: by it a copy is known to be whole. */
export const BackupManifest = z.object({
  format: z.literal(1),
  /** Name of the file beside it. */
  file: z.literal('relay.db'),
  bytes: z.int().min(1),
  sha256: SealHash,
  /** ms since the Unix epoch. */
  madeAt: z.int(),
});
export type BackupManifest = z.infer<typeof BackupManifest>;

/** What an import brought. */
export const ArchiveTaken = z.object({
  eventId: EventId,
  kind: z.enum(['event', 'epochs']),
  epochs: z.int(),
  reads: z.int(),
});
export type ArchiveTaken = z.infer<typeof ArchiveTaken>;

/** Epochs whose reads the asker has in a file, by their hash. */
export const DropEpochs = z.strictObject({
  epochs: z
    .array(z.strictObject({ streamId: StreamId, epoch: Epoch, hash: SealHash }))
    .min(1)
    .max(5000),
});

export const DroppedBody = z.object({ epochs: z.int(), reads: z.int() });
export type DroppedBody = z.infer<typeof DroppedBody>;
