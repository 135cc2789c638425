import { readFile } from 'node:fs/promises';
import {
  CommandFailure,
  type CommandIo,
  flag,
  integer,
  type OptionValues,
  oneOf,
  positive,
  text,
  UsageError,
} from '@baton/schema/command';
import { createJsonLog } from '@baton/schema/ports';
import { createEmulator } from '../emulator/emulator.ts';
import { linesOfRecording, type Pace, replay, type TimedLine } from '../emulator/line-source.ts';
import { faster, raceLines } from '../emulator/race-generator.ts';
import { DEMO_RACE, type RaceSpec } from '../emulator/race-spec.ts';
import { systemClock, systemTimers } from '../platform/node/runtime.ts';
import { listenTcp } from '../platform/node/tcp.ts';
import type { TcpAddress } from '../platform/tcp.ts';

type Input =
  | { readonly type: 'recording'; readonly file: string; readonly pace: Pace; readonly loop: boolean }
  | { readonly type: 'race'; readonly spec: RaceSpec; readonly reader: string; readonly speed: number };

const parsePace = (options: OptionValues): Pace => {
  const linesPerSecond = positive(options, 'rate');
  const speed = positive(options, 'speed');
  if (linesPerSecond !== undefined && speed !== undefined)
    throw new UsageError('--rate: expected either --rate or --speed');
  return linesPerSecond === undefined ? { type: 'recorded', speed: speed ?? 1 } : { type: 'rate', linesPerSecond };
};

const parseStart = (options: OptionValues): string => {
  const startAt = text(options, 'start-at') ?? DEMO_RACE.startAt;
  const known = /^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(startAt) && !Number.isNaN(Date.parse(`${startAt}Z`));
  if (!known) throw new UsageError(`--start-at: expected a time like ${DEMO_RACE.startAt}, got ${startAt}`);
  return startAt;
};

const parseRace = (options: OptionValues): Input => {
  const pace = parsePace(options);
  if (pace.type === 'rate') throw new UsageError('--rate: a made race has its own times; use --speed');
  const seed = integer(options, 'seed', 0, 0xffff_ffff) ?? DEMO_RACE.seed;
  const spec = { ...DEMO_RACE, seed, startAt: parseStart(options) };
  const names = spec.readers.map(({ name }) => name);
  const reader = oneOf(options, 'stream', names);
  if (reader === undefined) throw new UsageError(`--stream: with --race one of ${names.join(', ')} is required`);
  return { type: 'race', spec, reader, speed: pace.speed };
};

const parseInput = (options: OptionValues): Input => {
  const file = text(options, 'reads');
  const race = oneOf(options, 'race', ['demo']);
  if (race !== undefined) {
    if (file !== undefined) throw new UsageError('--reads: expected either --reads or --race');
    return parseRace(options);
  }
  if (file === undefined || file === '') throw new UsageError('--reads FILE is required (or --race demo)');
  return { type: 'recording', file, pace: parsePace(options), loop: flag(options, 'loop') };
};

const readRecording = async (file: string): Promise<Uint8Array> => {
  try {
    return await readFile(file);
  } catch (error) {
    throw new CommandFailure(`cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
};

const openSource = async (input: Input): Promise<Iterator<TimedLine>> =>
  input.type === 'race'
    ? faster(raceLines(input.spec, input.reader), input.speed)
    : replay(linesOfRecording(await readRecording(input.file)), input.pace, input.loop);

const emulate = async (at: TcpAddress, input: Input, io: CommandIo): Promise<void> => {
  const log = createJsonLog({ clock: systemClock, write: io.err });
  const emulator = createEmulator({ timers: systemTimers, log }, await openSource(input));
  const listening = await listenTcp(at, emulator.accept);
  if (!listening.ok) throw new CommandFailure(listening.error.message);
  const { address } = listening.value;
  io.out(`listening ${address.host}:${address.port}`);
  await io.stopped;
  emulator.close();
  await listening.value.close();
};

/** A reader on TCP, until stopped. */
export const runEmulate = async (options: OptionValues, io: CommandIo): Promise<void> => {
  const host = text(options, 'host') ?? '127.0.0.1';
  const port = integer(options, 'port', 0, 65_535) ?? 10_000;
  await emulate({ host, port }, parseInput(options), io);
};
