import type { CommandSpec } from '@baton/schema/command';
import type { EventStatus } from '@baton/schema/http';
import { RELAY_OPTIONS } from './relay-options.ts';

const EVENT = { name: 'event', value: 'ID', help: 'the event', required: true } as const;

/** In the order of help; every status, or this does not compile. */
const STATUSES: Readonly<Record<EventStatus, true>> = {
  draft: true,
  startlist: true,
  running: true,
  finished: true,
  official: true,
};

export const eventCreateCommand: CommandSpec = {
  name: 'event create',
  summary: 'makes an event; prints its id',
  options: [
    ...RELAY_OPTIONS,
    { name: 'title', value: 'TEXT', help: 'what people call it', required: true },
    { name: 'date', value: 'YYYY-MM-DD', help: 'its day', required: true },
    { name: 'timezone', value: 'ZONE', help: 'IANA time zone of its readers, like Europe/Paris', required: true },
    { name: 'location', value: 'TEXT', help: 'where it is' },
    { name: 'event-id', value: 'ID', help: 'its id; the relay makes one when absent' },
  ],
  run: async (options, _args, io) => (await import('./event.ts')).runEventCreate(options, io),
};

export const eventListCommand: CommandSpec = {
  name: 'event list',
  summary: 'lists the events that the token may see: id, status, date, title',
  options: RELAY_OPTIONS,
  run: async (options, _args, io) => (await import('./event.ts')).runEventList(options, io),
};

export const eventStatusCommand: CommandSpec = {
  name: 'event status',
  summary: 'shows the status of an event, or sets it',
  options: [...RELAY_OPTIONS, EVENT, { name: 'set', value: 'STATUS', help: Object.keys(STATUSES).join(', ') }],
  run: async (options, _args, io) => (await import('./event.ts')).runEventStatus(options, io),
};
