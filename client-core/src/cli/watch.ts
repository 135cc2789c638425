import { resolve } from 'node:path';
import {
  CommandFailure,
  type CommandIo,
  type OptionValues,
  requiredText,
  text,
  UsageError,
} from '@baton/schema/command';
import { EventBody, MeBody } from '@baton/schema/http';
import { EventId } from '@baton/schema/ids';
import { createJsonLog, type Log } from '@baton/schema/ports';
import type { Result } from '@baton/schema/result';
import { backoffDelay, DEFAULT_BACKOFF } from '../connection/backoff.ts';
import { describeApiError } from '../http/describe-error.ts';
import { type ApiError, createRelayApi, type RelayApi } from '../http/relay-api.ts';
import { pause } from '../live/dispatcher.ts';
import { NodeDocSocket } from '../platform/node/doc-socket.ts';
import { systemClock, systemRandom, systemTimers } from '../platform/node/runtime.ts';
import { openWsSocket } from '../platform/node/ws-socket.ts';
import { lockDirectory } from '../replica/directory-lock.ts';
import { openWatch, type Watch } from '../watch/watch.ts';
import { watchedEventFile } from '../watch/watch-directory.ts';
import { pathPart, type RelayAccess, relayAccess } from './relay-access.ts';

interface WatchConfig extends RelayAccess {
  readonly eventId: EventId | null;
  readonly dataDir: string;
  readonly webhookSecret: string | null;
}

const parseWatch = (options: OptionValues): WatchConfig => {
  const access = relayAccess(options);
  const event = text(options, 'event');
  const eventId = event === undefined ? null : EventId.safeParse(event);
  if (eventId?.success === false) throw new UsageError('--event: expected an event id');
  return {
    ...access,
    eventId: eventId?.data ?? null,
    dataDir: resolve(requiredText(options, 'data-dir')),
    webhookSecret: webhookSecretOf(options),
  };
};

export const webhookSecretOf = (options: OptionValues): string | null => {
  const secret = text(options, 'webhook-secret');
  if (secret === undefined) return null;
  if (secret.length < 16) throw new UsageError('--webhook-secret: expected at least 16 characters');
  return secret;
};

/** The answer, asked for until the relay gives one; null: stopped before. */
const askUntilAnswered = async <T>(
  ask: () => Promise<Result<T, ApiError>>,
  signal: AbortSignal,
  log: Log,
): Promise<T | null> => {
  for (let failures = 0; ; failures++) {
    const answer = await ask();
    if (answer.ok) return answer.value;
    if (answer.error.type === 'refused' && answer.error.status < 500)
      throw new CommandFailure(describeApiError(answer.error));
    log.warn('the relay gives no answer; asking again', { reason: describeApiError(answer.error) });
    const ms = backoffDelay(failures, systemRandom.next(), DEFAULT_BACKOFF);
    if (signal.aborted || !(await pause(systemTimers, ms, signal))) return null;
  }
};

/** The event that the token is for, or that was named. */
const eventOf = ({ eventId }: WatchConfig, me: MeBody): EventId => {
  if (me.role !== 'operator' && me.role !== 'admin')
    throw new CommandFailure(`--token: expected an operator’s token, this is one of role ${me.role}`);
  if (me.eventId !== null && eventId !== null && me.eventId !== eventId)
    throw new CommandFailure(`--event: the token is of event ${me.eventId}`);
  const found = me.eventId ?? eventId;
  if (found === null) throw new CommandFailure('--event: this token is for all events; name one');
  return found;
};

const knowEvent = async (
  config: WatchConfig,
  api: RelayApi,
  signal: AbortSignal,
  log: Log,
): Promise<EventBody | null> => {
  const me = await askUntilAnswered(() => api.call('GET', '/me', MeBody), signal, log);
  if (me === null) return null;
  const eventId = eventOf(config, me);
  return askUntilAnswered(() => api.call('GET', `/events/${pathPart(eventId)}`, EventBody), signal, log);
};

/** Checkpoints speak of one event's reads. */
const bindDirectory = async (dataDir: string, event: EventBody, log: Log): Promise<void> => {
  const file = watchedEventFile(dataDir, log);
  const known = await file.read();
  const { eventId, timezone, date } = event;
  if (known !== null && known.eventId !== eventId)
    throw new CommandFailure(`--data-dir: it holds event ${known.eventId}, this is ${eventId}; take another directory`);
  await file.write({ eventId, timezone, date });
};

const open = async (config: WatchConfig, api: RelayApi, event: EventBody, log: Log): Promise<Watch> => {
  await bindDirectory(config.dataDir, event, log);
  const ports = { clock: systemClock, timers: systemTimers, random: systemRandom, log };
  const deps = { ...ports, WebSocket: NodeDocSocket, openSocket: openWsSocket, api };
  const opened = await openWatch(deps, { ...config, event });
  if (!opened.ok) throw new CommandFailure(opened.error.message);
  return opened.value;
};

const watch = async (config: WatchConfig, io: CommandIo): Promise<void> => {
  const log = createJsonLog({ clock: systemClock, write: io.err });
  const stop = new AbortController();
  void io.stopped.then(() => stop.abort());
  const api = createRelayApi({ ...config, answerMs: 5000 });
  const event = await knowEvent(config, api, stop.signal, log);
  if (event === null) return;
  const running = await open(config, api, event, log);
  try {
    io.out(`watching ${event.eventId} (${event.title.replaceAll(/\s+/gu, ' ')})`);
    const reason = await Promise.race([io.stopped, running.refused]);
    if (typeof reason === 'string') throw new CommandFailure(`the relay refuses it for good: ${reason}`);
  } finally {
    await running.close();
  }
};

/** A full or vanished disk is told in one line; anything else is a defect and passes on. */
const asFailure = (error: unknown): unknown =>
  error instanceof Error && 'syscall' in error
    ? new CommandFailure(`the data directory failed: ${error.message}`)
    : error;

/** Alarms and webhooks, until stopped. */
export const runWatch = async (options: OptionValues, io: CommandIo): Promise<void> => {
  const config = parseWatch(options);
  const lock = lockDirectory(config.dataDir, `process ${process.pid} (baton watch)`);
  if (!lock.ok) throw new CommandFailure(lock.error.message);
  try {
    await watch(config, io);
  } catch (error) {
    throw asFailure(error);
  } finally {
    lock.value.release();
  }
};
