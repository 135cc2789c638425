import { type Api, createApi, textOf } from '@baton/testkit/api';
import { ADMIN_TOKEN } from './nodes.ts';

/** An event with the tokens that its devices need. */
export interface Event {
  readonly eventId: string;
  readonly admin: Api;
  readonly operator: Api;
  readonly operatorToken: string;
  readonly token: (role: 'forwarder' | 'receiver' | 'viewer' | 'operator', nodeId?: string) => Promise<string>;
  readonly race: (name: string) => Promise<string>;
  readonly map: (streamId: string, epoch: number, raceId: string | null) => Promise<void>;
}

export const createEvent = async (relayUrl: string, title = 'Harbour run'): Promise<Event> => {
  const admin = createApi(relayUrl, ADMIN_TOKEN);
  const event = await admin.must('POST', '/events', { title, date: '2026-05-17', timezone: 'Europe/Copenhagen' });
  const eventId = textOf(event, 'eventId');
  const mint = async (role: string, nodeId?: string): Promise<string> =>
    textOf(
      await admin.must('POST', '/tokens', { role, eventId, ...(nodeId === undefined ? {} : { nodeId }) }),
      'token',
    );
  const operatorToken = await mint('operator');
  const operator = createApi(relayUrl, operatorToken);
  return {
    eventId,
    admin,
    operator,
    operatorToken,
    token: mint,
    race: async (name) => textOf(await operator.must('POST', `/events/${eventId}/races`, { name }), 'raceId'),
    map: async (streamId, epoch, raceId) => {
      await operator.must('PUT', `/streams/${streamId}/epochs/${epoch}/race`, { raceId });
    },
  };
};
