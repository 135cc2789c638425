import type { Race, Setup } from '@baton/schema/doc';
import { type Refusal, refusal } from '@baton/schema/errors';
import type { PublicRace } from '@baton/schema/feed';
import { Epoch, EventId, isUuid, NodeId, RaceId, StreamId, TokenId } from '@baton/schema/ids';
import { err, ok, type Result } from '@baton/schema/result';
import type { z } from 'zod';
import type { Registry, StreamRow } from '../registry/registry.ts';
import type { Setups } from '../setup/setups.ts';
import type { Spectators } from '../spectators/spectators.ts';
import type { EventRecord } from '../storage/records.ts';
import type { Grant } from './grant.ts';
import { type Action, decide, isPublished, refusalOf } from './policy.ts';

/** What a path or a body names, found and allowed, or why not. */

interface Records {
  readonly registry: Registry;
}

const badId = (field: string, expected: string): Refusal =>
  refusal('BAD_REQUEST', `${field} is not as expected`, { fields: { [field]: expected } });

const notFound = (what: string): Refusal => refusal('NOT_FOUND', `there is no such ${what}`);

const parseId = <S extends z.ZodType>(schema: S, text: unknown, field: string): Result<z.output<S>, Refusal> => {
  const parsed = schema.safeParse(text);
  return parsed.success ? ok(parsed.data) : err(badId(field, parsed.error.issues[0]?.message ?? 'an id'));
};

export const allowed = (
  grant: Grant | null,
  action: Action,
  event: EventRecord | null | undefined,
  nodeId: NodeId | null = null,
): Result<void, Refusal> => {
  const why = refusalOf(decide(grant, action, { event, nodeId }));
  return why === null ? ok(undefined) : err(why);
};

/** An event that the grant may do `action` with. */
export const findEvent = (
  { registry }: Records,
  grant: Grant | null,
  action: Action,
  text: unknown,
): Result<EventRecord, Refusal> => {
  const eventId = parseId(EventId, text, 'eventId');
  if (!eventId.ok) return eventId;
  const event = registry.event(eventId.value);
  const may = allowed(grant, action, event);
  if (!may.ok) return may;
  return event === undefined ? err(notFound('event')) : ok(event);
};

export interface FoundStream {
  readonly stream: StreamRow;
  readonly event: EventRecord;
}

/** A stream that the grant may do `action` with. Streams of other events do not exist for it. */
export const findStream = (
  { registry }: Records,
  grant: Grant | null,
  action: Action,
  text: unknown,
): Result<FoundStream, Refusal> => {
  const streamId = parseId(StreamId, text, 'streamId');
  if (!streamId.ok) return streamId;
  const stream = registry.stream(streamId.value);
  const foreign = stream !== undefined && grant?.role !== 'admin' && grant?.eventId !== stream.eventId;
  const event = stream === undefined || foreign ? undefined : registry.event(stream.eventId);
  const may = allowed(grant, action, event, stream?.forwarderId ?? null);
  if (!may.ok) return may.error.code === 'NOT_FOUND' ? err(notFound('stream')) : may;
  return stream === undefined || event === undefined ? err(notFound('stream')) : ok({ stream, event });
};

export const parseEpoch = (text: string | undefined): Result<number, Refusal> =>
  parseId(Epoch, /^[1-9]\d{0,9}$/.test(text ?? '') ? Number(text) : undefined, 'epoch');

/** A whole number from 0, as a path has it. */
export const parseCount = (text: string | undefined, field: string): Result<number, Refusal> =>
  /^(?:0|[1-9]\d{0,14})$/.test(text ?? '') ? ok(Number(text)) : err(badId(field, 'expected a whole number from 0'));

export const parseNode = (text: unknown): Result<NodeId, Refusal> => parseId(NodeId, text, 'nodeId');

export const parseTokenId = (text: unknown): Result<TokenId, Refusal> => parseId(TokenId, text, 'tokenId');

/** Ids are UUIDs that the relay made, in any letter case; an import may have brought others, which are then known. */
const noRace = (raceId: RaceId): Refusal =>
  isUuid(raceId) ? notFound('race') : badId('raceId', 'expected the id of a race, a UUID');

/** A race of this setup, by what a body or a path says. */
export const raceIn = (setup: Setup, text: unknown): Result<Race, Refusal> => {
  const raceId = parseId(RaceId, text, 'raceId');
  if (!raceId.ok) return raceId;
  const race = setup.races.get(raceId.value);
  return race === undefined ? err(noRace(raceId.value)) : ok(race);
};

export interface FoundRace {
  readonly race: Race;
  readonly event: EventRecord;
}

/** Events whose races the grant may know of. */
const eventsToSearch = ({ registry }: Records, grant: Grant | null): readonly EventRecord[] => {
  if (grant?.role === 'admin') return registry.events();
  return registry.events().filter((event) => event.eventId === grant?.eventId || isPublished(event));
};

/** A race by its id alone, that the grant may do `action` with. */
export const findRace = async (
  { registry, setups }: Records & { readonly setups: Setups },
  grant: Grant | null,
  action: Action,
  text: unknown,
): Promise<Result<FoundRace, Refusal>> => {
  const raceId = parseId(RaceId, text, 'raceId');
  if (!raceId.ok) return raceId;
  const candidates = eventsToSearch({ registry }, grant);
  const eventId = await setups.eventOfRace(
    raceId.value,
    candidates.map((it) => it.eventId),
  );
  const event = eventId === null ? undefined : registry.event(eventId);
  if (event === undefined) return err(noRace(raceId.value));
  const may = allowed(grant, action, event);
  if (!may.ok) return may;
  const race = (await setups.read(event.eventId)).races.get(raceId.value);
  return race === undefined ? err(notFound('race')) : ok({ race, event });
};

/** A race of official results by its id alone, as it was then: whoever deleted it since took nothing from them. */
export const findFrozenRace = async (
  { registry, spectators }: Records & { readonly spectators: Pick<Spectators, 'frozenRaces'> },
  grant: Grant | null,
  raceId: string | undefined,
): Promise<{ readonly event: EventRecord; readonly race: PublicRace } | null> => {
  const wanted = RaceId.safeParse(raceId).data;
  for (const event of eventsToSearch({ registry }, grant)) {
    if (wanted === undefined || event.status !== 'official' || !allowed(grant, 'event.read', event).ok) continue;
    const race = (await spectators.frozenRaces(event.eventId))?.find((it) => it.raceId === wanted);
    if (race !== undefined) return { event, race };
  }
  return null;
};
