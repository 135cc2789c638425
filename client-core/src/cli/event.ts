import { type CommandSpec, requiredText, text, UsageError } from '@baton/schema/command';
import { CreateEvent, EventBody, EventList, EventStatus, StatusBody } from '@baton/schema/http';
import { orFail, pathPart, RELAY_OPTIONS, relayApi } from './relay-options.ts';

const EVENT = { name: 'event', value: 'ID', help: 'the event', required: true } as const;

/** The first thing that is wrong with a request, in the words of its option. */
const usage = (error: {
  readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];
}) => {
  const issue = error.issues[0];
  const option = String(issue?.path[0] ?? '').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return new UsageError(`--${option}: ${issue?.message ?? 'expected another value'}`);
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
  run: async (options, _args, io) => {
    const [location, eventId] = [text(options, 'location'), text(options, 'event-id')];
    const event = CreateEvent.safeParse({
      title: requiredText(options, 'title'),
      date: requiredText(options, 'date'),
      timezone: requiredText(options, 'timezone'),
      ...(location === undefined ? {} : { location }),
      ...(eventId === undefined ? {} : { eventId }),
    });
    if (!event.success) throw usage(event.error);
    const created = orFail(await relayApi(options).call('POST', '/events', EventBody, event.data));
    io.out(created.eventId);
  },
};

export const eventListCommand: CommandSpec = {
  name: 'event list',
  summary: 'lists the events that the token may see: id, status, date, title',
  options: RELAY_OPTIONS,
  run: async (options, _args, io) => {
    const { events } = orFail(await relayApi(options).call('GET', '/events', EventList));
    for (const { eventId, status, date, title } of events) io.out([eventId, status, date, title].join('\t'));
  },
};

export const eventStatusCommand: CommandSpec = {
  name: 'event status',
  summary: 'shows the status of an event, or sets it',
  options: [...RELAY_OPTIONS, EVENT, { name: 'set', value: 'STATUS', help: EventStatus.options.join(', ') }],
  run: async (options, _args, io) => {
    const path = `/events/${pathPart(requiredText(options, 'event'))}`;
    const wanted = text(options, 'set');
    if (wanted === undefined) {
      io.out(orFail(await relayApi(options).call('GET', path, EventBody)).status);
      return;
    }
    const status = EventStatus.safeParse(wanted);
    if (!status.success)
      throw new UsageError(`--set: expected ${EventStatus.options.join(', ')}, got ${wanted.slice(0, 80)}`);
    io.out(orFail(await relayApi(options).call('PATCH', `${path}/status`, StatusBody, { status: status.data })).status);
  },
};
