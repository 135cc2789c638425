import { EventId, NodeId, RaceId, StreamId } from '@baton/schema/ids';
import { expect, it } from 'vitest';
import { createCommands } from '../../src/operator/commands.ts';
import type { HttpReply, HttpRequest } from '../../src/platform/http.ts';

const answering = (reply: HttpReply) => {
  const calls: { path: string; request: HttpRequest | undefined }[] = [];
  const commands = createCommands(async (path, request) => {
    calls.push({ path, request });
    return reply;
  });
  return { commands, calls };
};

it('[RT-29] asks for the next epoch by stream and race, and gives its number', async () => {
  const { commands, calls } = answering({ type: 'ok', body: { streamId: 's', epoch: 4, raceId: 'r' }, etag: null });
  const outcome = await commands.activateNext(RaceId.parse('r'), StreamId.parse('mat~1.start'));
  expect(outcome).toEqual({ type: 'done', value: { epoch: 4 } });
  expect(calls[0]).toMatchObject({
    path: '/api/v1/races/r/streams/mat~1.start/epochs/activate-next',
    request: { method: 'POST' },
  });
});

it('hands on the relay’s own words when it refuses, with the fields of a bad request', async () => {
  const refusal = {
    type: 'refused',
    status: 409,
    code: 'FORWARDER_OFFLINE',
    message: 'not attached',
    details: {},
  } as const;
  expect(await answering(refusal).commands.resetEpoch(StreamId.parse('a.b'))).toEqual({
    type: 'failed',
    message: 'not attached',
  });
  const bad = {
    ...refusal,
    code: 'BAD_REQUEST',
    message: 'wrong shape',
    details: { fields: { date: 'expected YYYY-MM-DD' } },
  };
  expect(await answering(bad).commands.setStatus(EventId.parse('e'), 'running')).toEqual({
    type: 'failed',
    message: 'wrong shape (date: expected YYYY-MM-DD)',
  });
});

it('does not claim that nothing happened when no answer came', async () => {
  const outcome = await answering({ type: 'unreachable' }).commands.deleteRace(RaceId.parse('r'));
  expect(outcome).toMatchObject({ type: 'failed', message: expect.stringContaining('may or may not have happened') });
});

it('takes an empty answer as done, and one it cannot read as a failure', async () => {
  const empty = { type: 'ok', body: null, etag: null } as const;
  expect(await answering(empty).commands.deleteRace(RaceId.parse('r'))).toEqual({ type: 'done', value: null });
  expect(await answering(empty).commands.resetEpoch(StreamId.parse('a.b'))).toMatchObject({ type: 'failed' });
});

it('[RN-22] [RN-06] revokes a node and raises the version floor by the relay’s routes', async () => {
  const { commands, calls } = answering({ type: 'ok', body: null, etag: null });
  await commands.revokeNode(EventId.parse('e'), NodeId.parse('gate'));
  await commands.setVersionFloor(EventId.parse('e'), '1.10');
  expect(calls).toEqual([
    { path: '/api/v1/nodes/gate/revoke', request: { method: 'POST', body: { eventId: 'e' } } },
    { path: '/api/v1/events/e/version-floor', request: { method: 'PUT', body: { minClientVersion: '1.10' } } },
  ]);
});

it('changes and deletes an event, and forgets a stream’s set-up, by the relay’s routes', async () => {
  const { commands, calls } = answering({ type: 'ok', body: null, etag: null });
  await commands.patchEvent(EventId.parse('e'), { title: 'Night run' });
  await commands.deleteEvent(EventId.parse('e'));
  await commands.deleteStream(StreamId.parse('mat-1.start'));
  expect(calls).toEqual([
    { path: '/api/v1/events/e', request: { method: 'PATCH', body: { title: 'Night run' } } },
    { path: '/api/v1/events/e', request: { method: 'DELETE' } },
    { path: '/api/v1/streams/mat-1.start', request: { method: 'DELETE' } },
  ]);
});
