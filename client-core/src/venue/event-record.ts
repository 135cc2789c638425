import { EventBody, StatusBody } from '@baton/schema/http';
import type { EventId } from '@baton/schema/ids';
import type { Log } from '@baton/schema/ports';
import { err, ok, type Result } from '@baton/schema/result';
import { z } from 'zod';
import { describeApiError } from '../http/describe-error.ts';
import type { ApiError, RelayApi } from '../http/relay-api.ts';
import { type BySide, SIDES, type Side } from './link-state.ts';
import { isSameRecord, planRecord, type RecordChange, type SharedRecord, sharedOf } from './record-plan.ts';

/** What is kept of each event: how its record was when both relays had it alike. */
export interface RecordMemory {
  readonly last: (eventId: EventId) => SharedRecord | null;
  readonly keep: (eventId: EventId, record: SharedRecord) => Promise<void>;
}

export interface EventRecordDeps {
  readonly apis: BySide<RelayApi>;
  readonly memory: RecordMemory;
  readonly log: Log;
}

/** `gone`: the event was at both relays, and is no longer at one. `failed`: to be asked again. */
export type RecordOutcome =
  | { readonly type: 'known' }
  | { readonly type: 'gone'; readonly side: Side }
  | { readonly type: 'failed'; readonly message: string };

const isUnknown = (error: ApiError): boolean => error.type === 'refused' && error.status === 404;

/** Null: there is no such event. */
const ask = async (api: RelayApi, eventId: EventId): Promise<Result<EventBody | null, string>> => {
  const answer = await api.call('GET', `/events/${encodeURIComponent(eventId)}`, EventBody);
  if (answer.ok) return answer;
  return isUnknown(answer.error) ? ok(null) : err(describeApiError(answer.error));
};

const failed = (message: string): RecordOutcome => ({ type: 'failed', message });

const KNOWN: RecordOutcome = { type: 'known' };

/** Keeps an event's record the same at both relays. */
export const createEventRecord = (deps: EventRecordDeps, eventId: EventId) => {
  const { apis, memory, log } = deps;
  const path = `/events/${encodeURIComponent(eventId)}`;

  /** A relay that refuses what the other has: told, and tried again the next time. */
  const tell = (side: Side, what: string, answer: { readonly ok: boolean; readonly error?: ApiError }): boolean => {
    if (answer.ok || answer.error === undefined) return true;
    log.warn('a change of the event could not be passed on', {
      eventId,
      relay: side,
      what,
      cause: describeApiError(answer.error),
    });
    return false;
  };

  const change = async (side: Side, { words, statuses, floor }: RecordChange): Promise<void> => {
    const api = apis[side];
    if (words !== null) tell(side, 'words', await api.call('PATCH', path, EventBody, words));
    if (floor !== null)
      tell(side, 'floor', await api.call('PUT', `${path}/version-floor`, z.unknown(), { minClientVersion: floor }));
    for (const status of statuses) {
      if (!tell(side, status, await api.call('PATCH', `${path}/status`, StatusBody, { status }))) return;
      log.info('the status of the event was passed on', { eventId, relay: side, status });
    }
  };

  const create = async (side: Side, { title, date, timezone, location }: SharedRecord): Promise<RecordOutcome> => {
    const body = { eventId, title, date, timezone, ...(location === null ? {} : { location }) };
    const made = await apis[side].call('POST', '/events', EventBody, body);
    if (!made.ok) return failed(describeApiError(made.error));
    log.info('the event was made, as the other relay has it', { eventId, relay: side });
    return KNOWN;
  };

  const merge = async (records: BySide<SharedRecord>, isInStep: boolean): Promise<RecordOutcome> => {
    const last = memory.last(eventId);
    if (isSameRecord(records.here, records.there)) {
      if (last === null || !isSameRecord(last, records.here)) await memory.keep(eventId, sharedOf(records.here));
      return KNOWN;
    }
    const plan = planRecord(records, last, isInStep);
    for (const side of SIDES) await change(side, plan[side]);
    return KNOWN;
  };

  /** At one relay only. What both once had was deleted at the other: it is not brought back. */
  const bring = async (side: Side, event: EventBody): Promise<RecordOutcome> =>
    memory.last(eventId) === null ? create(side, event) : { type: 'gone', side };

  const compare = async (
    here: EventBody | null,
    there: EventBody | null,
    isInStep: boolean,
  ): Promise<RecordOutcome> => {
    if (here !== null && there !== null) return merge({ here, there }, isInStep);
    if (there !== null) return bring('here', there);
    return here === null ? { type: 'gone', side: 'there' } : bring('there', here);
  };

  return {
    /** Compares, and passes on what changed. Makes the event where it has never been. */
    look: async (isInStep: boolean): Promise<RecordOutcome> => {
      const [here, there] = await Promise.all([ask(apis.here, eventId), ask(apis.there, eventId)]);
      if (!here.ok) return failed(here.error);
      return there.ok ? compare(here.value, there.value, isInStep) : failed(there.error);
    },
  };
};
