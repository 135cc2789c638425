import { integer, type OptionSpec, type OptionValues } from '@baton/schema/command';

/** How much of the relay one event and one token may take. Generous: they stop a runaway device, not a race day. */
export interface LimitsConfig {
  readonly eventDocuments: number;
  readonly eventStreams: number;
  readonly nodeStreams: number;
  readonly eventSockets: number;
  readonly tokenSockets: number;
  /** Within any 24 hours. */
  readonly eventBytesADay: number;
  readonly tokenBytesADay: number;
  /** At rest. */
  readonly eventDiskBytes: number;
  /** Free bytes of the disk under which no reads are taken; 0: none are kept free. */
  readonly diskFloorBytes: number;
  readonly diskLookMs: number;
}

const GIB = 1024 ** 3;

const spec = (name: string, value: string, help: string, fallback: number): OptionSpec => ({
  name,
  value,
  help,
  default: String(fallback),
});

export const LIMIT_OPTIONS: readonly OptionSpec[] = [
  spec('event-documents', 'N', 'documents of one event: setup, roster, and one for each node with a token', 4096),
  spec('event-streams', 'N', 'streams of one event; a reader that would be one more waits', 4096),
  spec('node-streams', 'N', 'streams of one forwarder, over all its sessions', 1024),
  spec('event-sockets', 'N', 'WebSockets with tokens of one event at once; one more comes back later', 50_000),
  spec('token-sockets', 'N', 'WebSockets with one token at once; one more comes back later', 20_000),
  spec('event-bytes-a-day', 'BYTES', 'reads, edits and lists of one event within 24 hours; more wait', 256 * GIB),
  spec('token-bytes-a-day', 'BYTES', 'reads, edits and lists of one token within 24 hours; more wait', 64 * GIB),
  spec(
    'event-disk-bytes',
    'BYTES',
    'reads, documents and lists that one event may hold on the disk; more wait',
    256 * GIB,
  ),
  spec(
    'disk-floor-bytes',
    'BYTES',
    'free space under which reads wait at their forwarders; 0 uses up the disk',
    GIB / 16,
  ),
  spec('disk-look-ms', 'ms', 'how often the free space is looked at', 5000),
];

const MAX_COUNT = 1_000_000_000;
/** A pebibyte. */
const MAX_BYTES = 1024 ** 5;
const DAY_MS = 86_400_000;

/** Typed values of the options; throws `UsageError` with what was expected. */
export const limitsConfigOf = (options: OptionValues): LimitsConfig => {
  const count = (name: string): number => integer(options, name, 1, MAX_COUNT) ?? MAX_COUNT;
  const bytes = (name: string, least: number): number => integer(options, name, least, MAX_BYTES) ?? MAX_BYTES;
  return {
    eventDocuments: count('event-documents'),
    eventStreams: count('event-streams'),
    nodeStreams: count('node-streams'),
    eventSockets: count('event-sockets'),
    tokenSockets: count('token-sockets'),
    eventBytesADay: bytes('event-bytes-a-day', 1),
    tokenBytesADay: bytes('token-bytes-a-day', 1),
    eventDiskBytes: bytes('event-disk-bytes', 1),
    diskFloorBytes: bytes('disk-floor-bytes', 0),
    diskLookMs: integer(options, 'disk-look-ms', 1, DAY_MS) ?? DAY_MS,
  };
};
