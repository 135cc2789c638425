import {
  CommandFailure,
  type CommandIo,
  hostPort,
  list,
  type OptionValues,
  positive,
  requiredText,
  UsageError,
} from '@baton/schema/command';
import { readerNameToId } from '@baton/schema/ids';
import { createJsonLog, type Log } from '@baton/schema/ports';
import { createForwarder } from '../forwarder/forwarder.ts';
import type { Journal } from '../forwarder/journal.ts';
import { MAX_READERS, type ReaderTarget } from '../forwarder/reader-pool.ts';
import { openWorkerJournal } from '../forwarder/worker-journal.ts';
import { type AskIdentity, askIdentity } from '../http/own-identity.ts';
import { createRelayApi } from '../http/relay-api.ts';
import { localOffsetMs, systemClock, systemRandom, systemTimers } from '../platform/node/runtime.ts';
import { createOpenTcp } from '../platform/node/tcp.ts';
import { openWsSocket } from '../platform/node/ws-socket.ts';
import { type RelayAccess, relayAccess } from './relay-access.ts';

const DAY_MS = 86_400_000;
const MAX_DAYS = 3650;
/** A relay that is there answers at once; one that is not must not keep the readers waiting. */
const FIRST_ANSWER_MS = 5000;

interface ForwardConfig extends RelayAccess {
  readonly readers: readonly ReaderTarget[];
  readonly directory: string;
  readonly retentionMs: number;
}

const parseReader = (text: string): ReaderTarget => {
  const match = /^([^=]{1,128})=(.+)$/.exec(text);
  const [, name, address] = match ?? [];
  if (name === undefined || address === undefined) {
    throw new UsageError(`--reader: expected NAME=HOST:PORT, got ${JSON.stringify(text.slice(0, 80))}`);
  }
  const target = hostPort('reader', address);
  if (target.port === 0)
    throw new UsageError(`--reader: expected NAME=HOST:PORT with a port from 1 to 65535, got ${text}`);
  return { name, address: target };
};

const parseReaders = (texts: readonly string[]): readonly ReaderTarget[] => {
  const readers = texts.map(parseReader);
  if (readers.length === 0) throw new UsageError('--reader: at least one NAME=HOST:PORT is required');
  if (readers.length > MAX_READERS) throw new UsageError(`--reader: expected at most ${MAX_READERS} readers`);
  const seen = new Map<string, string>();
  for (const { name } of readers) {
    const other = seen.get(readerNameToId(name));
    if (other !== undefined) throw new UsageError(`--reader: expected different names, got ${name} and ${other}`);
    seen.set(readerNameToId(name), name);
  }
  return readers;
};

const parseConfig = (options: OptionValues): ForwardConfig => {
  const days = positive(options, 'retention-days') ?? 7;
  if (days > MAX_DAYS) throw new UsageError(`--retention-days: expected at most ${MAX_DAYS} days`);
  return {
    ...relayAccess(options),
    readers: parseReaders(list(options, 'reader')),
    directory: requiredText(options, 'journal'),
    retentionMs: days * DAY_MS,
  };
};

/**
 * With a journal that has never met its relay, a wrong token is found before the first read is taken. A relay
 * that cannot be reached is no obstacle: reads are journalled until it can.
 */
const checkFirstToken = async (journal: Journal, ask: AskIdentity, log: Log): Promise<void> => {
  if (journal.opened.identity !== null) return;
  const asked = await ask();
  if (asked.ok) return;
  if (asked.error.type === 'refused') throw new CommandFailure(`--token: ${asked.error.message}`);
  log.warn('the relay cannot be reached; reads are journalled', { reason: asked.error.message });
};

const openJournal = async (directory: string): Promise<Journal> => {
  const opened = await openWorkerJournal({ directory });
  if (!opened.ok) throw new CommandFailure(opened.error.message);
  return opened.value;
};

const forward = async (config: ForwardConfig, io: CommandIo): Promise<void> => {
  const log = createJsonLog({ clock: systemClock, write: io.err });
  const api = createRelayApi({ ...config, answerMs: FIRST_ANSWER_MS });
  const ask: AskIdentity = () => askIdentity(api, 'forwarder');
  const journal = await openJournal(config.directory);
  try {
    await checkFirstToken(journal, ask, log);
  } catch (error) {
    await journal.close();
    throw error;
  }
  let failed: (message: string) => void = () => {};
  const failure = new Promise<string>((resolve) => {
    failed = resolve;
  });
  const forwarder = createForwarder(
    {
      clock: systemClock,
      timers: systemTimers,
      random: systemRandom,
      log,
      openSocket: openWsSocket,
      openTcp: createOpenTcp(),
      localOffsetMs,
      ask,
      journal,
    },
    { ...config, onFailed: (message) => failed(message) },
  );
  io.out(`forwarding ${config.readers.map(({ name }) => name).join(' ')}`);
  const broken = await Promise.race([io.stopped, failure]);
  if (typeof broken === 'string') {
    throw new CommandFailure(`the journal in ${config.directory} failed: ${broken}; mend the disk and start again`);
  }
  await forwarder.stop();
};

/** Reads of one or more readers to the relay, until stopped. */
export const runForward = async (options: OptionValues, io: CommandIo): Promise<void> =>
  forward(parseConfig(options), io);
