import { describe, expect, it } from 'vitest';
import { createRelayApi } from '../../../src/http/relay-api.ts';
import { createRelayCommand } from '../../../src/live/dispatch/relay-command.ts';
import { serveHttp } from './local-server.ts';

const never = new AbortController().signal;

const envelope = (status: number) =>
  JSON.stringify({ code: status === 404 ? 'UNKNOWN_RACE' : 'CONFLICT', message: 'no' });

const send = async (payload: unknown, status = 200, body = '{}', signal = never) => {
  const { url, calls } = await serveHttp((response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  });
  const dispatch = createRelayCommand(createRelayApi({ relay: url, token: 'top-secret' }));
  const outcome = await dispatch({ key: 'k', type: 'relay', payload }, signal);
  return { outcome, calls };
};

describe('relay command', () => {
  it('asks the relay with its token', async () => {
    const path = '/races/10k/streams/box.mat/epochs/activate-next';
    const { outcome, calls } = await send({ method: 'POST', path, body: {} });
    expect(outcome.ok).toBe(true);
    expect(calls[0]).toMatchObject({ method: 'POST', path: `/api/v1${path}`, body: '{}' });
    expect(calls[0]?.headers.authorization).toBe('Bearer top-secret');
  });

  it.each([
    [404, false],
    [409, false],
    [408, true],
    [429, true],
    [500, true],
    [503, true],
  ])('after %i may try again: %s', async (status, retryable) => {
    const { outcome } = await send(
      { method: 'PUT', path: '/streams/box.mat/epochs/1/race', body: {} },
      status,
      envelope(status),
    );
    expect(outcome).toMatchObject({ ok: false, error: { retryable } });
    expect(outcome.ok ? '' : outcome.error.message).not.toContain('top-secret');
  });

  it.each([
    { method: 'GET', path: '/me' },
    { method: 'POST', path: 'races' },
    { method: 'POST', path: '/../../docs' },
    { method: 'POST', path: '/races/%2e%2e/x' },
    { method: 'POST', path: '//elsewhere/x' },
    { method: 'POST', path: '/a?b=c' },
    { method: 'POST', path: '/a#b' },
    { path: '/a' },
    null,
  ])('asks nothing for %j', async (payload) => {
    const { outcome, calls } = await send(payload);
    expect(outcome).toMatchObject({ ok: false, error: { retryable: false } });
    expect(calls).toHaveLength(0);
  });

  it('gives up at once when the process ends', async () => {
    const ending = new AbortController();
    ending.abort();
    const { outcome } = await send({ method: 'POST', path: '/races/1' }, 200, '{}', ending.signal);
    expect(outcome).toMatchObject({ ok: false, error: { retryable: true } });
  });
});
