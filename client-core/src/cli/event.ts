import { type CommandIo, type OptionValues, requiredText, text, UsageError } from '@baton/schema/command';
import { CreateEvent, EventBody, EventList, EventStatus, StatusBody } from '@baton/schema/http';
import { orFail, pathPart, relayApi } from './relay-access.ts';

/** The first thing that is wrong with a request, in the words of its option. */
const usage = (error: {
  readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];
}) => {
  const issue = error.issues[0];
  const option = String(issue?.path[0] ?? '').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return new UsageError(`--${option}: ${issue?.message ?? 'expected another value'}`);
};

/** Makes an event; prints its id. */
export const runEventCreate = async (options: OptionValues, io: CommandIo): Promise<void> => {
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
};

/** Prints the events, a line each. */
export const runEventList = async (options: OptionValues, io: CommandIo): Promise<void> => {
  const { events } = orFail(await relayApi(options).call('GET', '/events', EventList));
  for (const { eventId, status, date, title } of events) io.out([eventId, status, date, title].join('\t'));
};

/** Prints the status of an event, after setting it when that was asked. */
export const runEventStatus = async (options: OptionValues, io: CommandIo): Promise<void> => {
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
};
