import { resolve } from 'node:path';
import {
  flag,
  type HostPort,
  hostPort,
  list,
  type OptionValues,
  oneOf,
  requiredText,
  text,
  UsageError,
} from '@baton/schema/command';
import { RaceId, StreamId } from '@baton/schema/ids';
import type { Selection } from '@baton/schema/selection';
import type { FileOutput } from '../receiver/file-output.ts';
import type { FeedStart } from '../receiver/read-feed.ts';
import type { TcpOutput } from '../receiver/tcp-serve.ts';
import type { ReadScope } from '../replica/replica.ts';
import { relayAccess } from './relay-access.ts';

/** What `baton receive` was asked for. */
export interface ReceiveConfig {
  readonly relay: string;
  readonly token: string;
  readonly dataDir: string;
  /** Null: the stored one. */
  readonly selection: Selection | null;
  readonly outputs: readonly TcpOutput[];
  readonly files: readonly FileOutput[];
  readonly control: HostPort | null;
  /** Takes SQL from standard input. */
  readonly sql: boolean;
}

const SCOPES = ['all', 'current'] as const;

const streamOf = (option: string, value: string): StreamId => {
  const streamId = StreamId.safeParse(value);
  if (!streamId.success)
    throw new UsageError(`--${option}: expected a stream id like box-1.mat, got ${value.slice(0, 80)}`);
  return streamId.data;
};

const parseSelection = (options: OptionValues): Selection | null => {
  const race = text(options, 'race');
  const scope = oneOf(options, 'scope', SCOPES);
  const streams = list(options, 'stream').map((it) => streamOf('stream', it));
  if (race !== undefined && streams.length > 0)
    throw new UsageError('--race: expected either a race or streams, got both');
  if (race === undefined && scope !== undefined) throw new UsageError('--scope: expected with --race only');
  if (race === undefined) return streams.length === 0 ? null : { mode: 'manual', streams };
  const raceId = RaceId.safeParse(race);
  if (!raceId.success) throw new UsageError(`--race: expected a race id, got ${JSON.stringify(race.slice(0, 80))}`);
  return { mode: 'race', raceId: raceId.data, epochScope: scope ?? 'all' };
};

/** A stream by its id, or a race as `race:ID`. */
const scopeOf = (option: string, value: string): ReadScope => {
  if (!value.startsWith('race:')) return { type: 'stream', streamId: streamOf(option, value) };
  const raceId = RaceId.safeParse(value.slice('race:'.length));
  if (!raceId.success)
    throw new UsageError(`--${option}: expected a race id, got ${JSON.stringify(value.slice(0, 80))}`);
  return { type: 'race', raceId: raceId.data };
};

const fromOf = (from: string | undefined): FeedStart =>
  from === undefined || from === 'start' ? 'start' : from === 'now' ? 'now' : Number(from);

const parseOutput = (value: string): TcpOutput => {
  const match = /^([^=,]+)=(\d{1,5})(?:,from=(start|now|[1-9]\d{0,8}))?$/.exec(value);
  const [, scope = '', port = '', from] = match ?? [];
  if (match === null || Number(port) > 65_535) {
    const expected = 'STREAM=PORT or race:ID=PORT, with ,from=start, now or the number of a line';
    throw new UsageError(`--tcp: expected ${expected}, got ${JSON.stringify(value.slice(0, 80))}`);
  }
  return { scope: scopeOf('tcp', scope), port: Number(port), from: fromOf(from) };
};

const parseOutputs = (values: readonly string[]): readonly TcpOutput[] => {
  const outputs = values.map(parseOutput);
  const ports = outputs.map(({ port }) => port).filter((port) => port !== 0);
  const twice = ports.find((port, index) => ports.indexOf(port) !== index);
  if (twice !== undefined) throw new UsageError(`--tcp: expected different ports, got ${twice} twice`);
  return outputs;
};

const parseFile = (value: string): FileOutput => {
  const [, scope = '', path = ''] = /^([^=]+)=(.+\.(?:csv|dbf))$/i.exec(value) ?? [];
  if (path === '') {
    const expected = 'STREAM=FILE or race:ID=FILE, the file ending in .csv or .dbf';
    throw new UsageError(`--file: expected ${expected}, got ${JSON.stringify(value.slice(0, 80))}`);
  }
  return { scope: scopeOf('file', scope), path: resolve(path) };
};

/** Two writers of one file would take it from each other. */
const parseFiles = (values: readonly string[]): readonly FileOutput[] => {
  const files = values.map(parseFile);
  const twice = files.find(({ path }, index) => files.findIndex((it) => it.path === path) !== index);
  if (twice !== undefined) throw new UsageError(`--file: expected different files, got ${twice.path} twice`);
  return files;
};

/** Whoever reaches the control API may change the selection: it is for this machine alone. */
const parseControl = (value: string | undefined): HostPort | null => {
  if (value === undefined) return null;
  const at = hostPort('control', value);
  if (!['127.0.0.1', 'localhost', '::1'].includes(at.host)) {
    throw new UsageError(`--control: expected a loopback address like 127.0.0.1:8790, got ${value.slice(0, 80)}`);
  }
  return at;
};

/** Throws `UsageError`. */
export const parseReceive = (options: OptionValues): ReceiveConfig => ({
  ...relayAccess(options),
  dataDir: requiredText(options, 'data-dir'),
  selection: parseSelection(options),
  outputs: parseOutputs(list(options, 'tcp')),
  files: parseFiles(list(options, 'file')),
  control: parseControl(text(options, 'control')),
  sql: flag(options, 'sql'),
});
