import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { OpenVenueLink } from '@baton/schema/command';
import { createJsonLog, type Log } from '@baton/schema/ports';
import { z } from 'zod';
import { createDocClient, type FollowDoc } from '../../doc/doc-client.ts';
import { createRelayApi } from '../../http/relay-api.ts';
import { createKeptFile } from '../../receiver/kept-file.ts';
import type { RecordMemory } from '../../venue/event-record.ts';
import { createVenueLink } from '../../venue/venue-link.ts';
import { NodeDocSocket } from './doc-socket.ts';
import { systemClock, systemRandom, systemTimers } from './runtime.ts';
import { openWsSocket } from './ws-socket.ts';

const KeptRecord = z.object({
  title: z.string(),
  date: z.string(),
  timezone: z.string(),
  location: z.string().nullable(),
  status: z.enum(['draft', 'startlist', 'running', 'finished', 'official']),
  minClientVersion: z.string().nullable(),
});

const Kept = z.object({ venueId: z.string().regex(/^[a-z0-9-]{1,64}$/), events: z.record(z.string(), KeptRecord) });
type Kept = z.infer<typeof Kept>;

/** The one small file of a link: its name, and how each event's record was when both relays had it alike. Losing it costs nothing else. */
const openMemory = async (
  path: string,
  log: Log,
): Promise<{ readonly venueId: string; readonly memory: RecordMemory }> => {
  const file = createKeptFile(path, Kept, log);
  const stored = await file.read();
  let kept: Kept = stored ?? { venueId: `venue-${randomUUID().slice(0, 8)}`, events: {} };
  if (stored === null) await file.write(kept);
  return {
    venueId: kept.venueId,
    memory: {
      last: (eventId) => (Object.hasOwn(kept.events, eventId) ? (kept.events[eventId] ?? null) : null),
      keep: async (eventId, record) => {
        kept = { ...kept, events: { ...kept.events, [eventId]: record } };
        await file.write(kept);
      },
    },
  };
};

/** A link with real sockets, timers and files. */
export const openVenueLink: OpenVenueLink = async ({ here, there, dataDir, err }) => {
  const log = createJsonLog({ clock: systemClock, write: err });
  const { venueId, memory } = await openMemory(join(dataDir, 'venue-link.json'), log);
  const apiOf = ({ url, token }: typeof here) => createRelayApi({ relay: url, token });
  const ports = { clock: systemClock, timers: systemTimers, random: systemRandom, log, openSocket: openWsSocket };
  const followDoc: FollowDoc = (name) =>
    createDocClient({ ...ports, WebSocket: NodeDocSocket }, { relay: here.url, token: here.token, name });
  const deps = { ...ports, memory, followDoc, apis: { here: apiOf(here), there: apiOf(there) } };
  return createVenueLink(deps, { relays: { here, there }, venueId });
};
