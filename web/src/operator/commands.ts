import {
  CreatedToken,
  type CreateEvent,
  type CreateToken,
  EventBody,
  type EventStatus,
  type PatchEvent,
} from '@baton/schema/http';
import type { EventId, NodeId, RaceId, StreamId, TokenId } from '@baton/schema/ids';
import type { Http, HttpRequest } from '../platform/http.ts';
import { type Outcome, outcomeOf } from '../platform/outcome.ts';
import { decoded } from '../platform/relay-body.ts';

/** Commands of the relay: what must hold at once for everybody, so it is asked for and not merged. */
export interface Commands {
  readonly createEvent: (event: CreateEvent) => Promise<Outcome<EventBody>>;
  /** Changes what is named, the rest stays. */
  readonly patchEvent: (eventId: EventId, patch: PatchEvent) => Promise<Outcome<EventBody>>;
  /** Takes away the event with everything that belongs to it. */
  readonly deleteEvent: (eventId: EventId) => Promise<Outcome<null>>;
  readonly setStatus: (eventId: EventId, status: EventStatus) => Promise<Outcome<null>>;
  readonly deleteRace: (raceId: RaceId) => Promise<Outcome<null>>;
  /** Opens the stream's next epoch and maps it to the race. */
  readonly activateNext: (raceId: RaceId, streamId: StreamId) => Promise<Outcome<{ readonly epoch: number }>>;
  /** Opens the stream's next epoch without a race. */
  readonly resetEpoch: (streamId: StreamId) => Promise<Outcome<{ readonly epoch: number }>>;
  /** Takes away what the set-up says of a stream; its reads stay. */
  readonly deleteStream: (streamId: StreamId) => Promise<Outcome<null>>;
  readonly createToken: (request: CreateToken) => Promise<Outcome<CreatedToken>>;
  /** Shuts a node out of the event for good. */
  readonly revokeNode: (eventId: EventId, nodeId: NodeId) => Promise<Outcome<null>>;
  /** Nodes below this MAJOR.MINOR read on and write no more; it only goes up. */
  readonly setVersionFloor: (eventId: EventId, minClientVersion: string) => Promise<Outcome<null>>;
  readonly revokeToken: (tokenId: TokenId) => Promise<Outcome<null>>;
}

const epochOf = (body: unknown): { readonly epoch: number } | null => {
  const epoch: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'epoch') : null;
  return typeof epoch === 'number' ? { epoch } : null;
};

const at = (...parts: readonly string[]): string => `/api/v1/${parts.map(encodeURIComponent).join('/')}`;

export const createCommands = (http: Http): Commands => {
  const run = async <T>(path: string, request: HttpRequest, read: (body: unknown) => T | null): Promise<Outcome<T>> =>
    outcomeOf(await http(path, request), read);
  /** Where only success matters. */
  const tell = async (path: string, request: HttpRequest): Promise<Outcome<null>> => {
    const outcome = await run(path, request, () => true);
    return outcome.type === 'done' ? { type: 'done', value: null } : outcome;
  };
  return {
    createEvent: (body) => run(at('events'), { method: 'POST', body }, decoded(EventBody)),
    patchEvent: (eventId, body) => run(at('events', eventId), { method: 'PATCH', body }, decoded(EventBody)),
    deleteEvent: (eventId) => tell(at('events', eventId), { method: 'DELETE' }),
    setStatus: (eventId, status) => tell(at('events', eventId, 'status'), { method: 'PATCH', body: { status } }),
    deleteRace: (raceId) => tell(at('races', raceId), { method: 'DELETE' }),
    activateNext: (raceId, streamId) =>
      run(at('races', raceId, 'streams', streamId, 'epochs', 'activate-next'), { method: 'POST', body: {} }, epochOf),
    resetEpoch: (streamId) => run(at('streams', streamId, 'reset-epoch'), { method: 'POST', body: {} }, epochOf),
    deleteStream: (streamId) => tell(at('streams', streamId), { method: 'DELETE' }),
    createToken: (body) => run(at('tokens'), { method: 'POST', body }, decoded(CreatedToken)),
    revokeNode: (eventId, nodeId) => tell(at('nodes', nodeId, 'revoke'), { method: 'POST', body: { eventId } }),
    setVersionFloor: (eventId, minClientVersion) =>
      tell(at('events', eventId, 'version-floor'), { method: 'PUT', body: { minClientVersion } }),
    revokeToken: (tokenId) => tell(at('tokens', tokenId), { method: 'DELETE' }),
  };
};
