import type { MappingBody } from '@baton/schema/http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../src/storage/memory/memory-store.ts';
import type { CommitReply, Store } from '../../src/storage/store.ts';
import {
  attachForwarder,
  createEvent,
  createRace,
  createToken,
  type RelayFixture,
  seedStream,
  startRelay,
  streamId,
} from './relay-fixture.ts';

const FULL: CommitReply = { type: 'storage-full', message: 'no space left on device' };

/** A disk that refuses records of streams while it is told to. */
const createFussyStore = () => {
  const inner = createMemoryStore();
  let refusing = false;
  const store: Store = {
    ...inner,
    commit: async (changes) =>
      refusing && changes.some((it) => it.type === 'putStream') ? FULL : inner.commit(changes),
  };
  return {
    store,
    refuse: (on: boolean) => {
      refusing = on;
    },
  };
};

let f: RelayFixture;
let operator: string;
const fussy = createFussyStore();
beforeAll(async () => {
  f = await startRelay({ store: fussy.store });
  await createEvent(f, 'e1');
  await createEvent(f, 'e2');
  operator = await createToken(f, 'operator', 'e1');
});
afterAll(async () => {
  await f.close();
  expect(f.defects).toEqual([]);
});

const attach = async (nodeId: string) =>
  attachForwarder(f, await createToken(f, 'forwarder', 'e1', nodeId), nodeId, 'e1');

const activate = (raceId: string, stream: string) =>
  f.ask('POST', `/api/v1/races/${raceId}/streams/${stream}/epochs/activate-next`, { token: operator });
const reset = (stream: string) => f.ask('POST', `/api/v1/streams/${stream}/reset-epoch`, { token: operator });
const mappingsOf = async (raceId: string) =>
  ((await f.ask('GET', `/api/v1/races/${raceId}/stream-epochs`)).body as { mappings: MappingBody[] }).mappings;
const currentOf = (stream: string) => f.core.registry.stream(streamId(stream))?.currentEpoch;

const commandsIn = (messages: readonly { readonly type: string; readonly [key: string]: unknown }[]) =>
  messages.filter((it) => it.type === 'epochCommand').map((it) => it['epoch']);

describe('activate-next', () => {
  it('[RT-13] maps the next epoch, advances the stream at once and commands the forwarder', async () => {
    const race = await createRace(f, 'e1');
    const forwarder = await attach('f1');
    const answer = await activate(race.raceId, 'f1.mat');
    expect(answer).toMatchObject({ status: 200, body: { streamId: 'f1.mat', epoch: 2, raceId: race.raceId } });
    expect(currentOf('f1.mat')).toBe(2);
    expect(await mappingsOf(race.raceId)).toEqual([{ streamId: 'f1.mat', epoch: 2, raceId: race.raceId }]);
    expect(await forwarder.until('epochCommand')).toMatchObject({ streamId: 'f1.mat', epoch: 2 });
    await forwarder.close();
  });

  it('[RT-12] [RT-32] with the forwarder away changes nothing and queues nothing', async () => {
    const race = await createRace(f, 'e1');
    await seedStream(f, 'e1', 'away.mat', { 1: ['a'] });
    for (const answer of [await activate(race.raceId, 'away.mat'), await reset('away.mat')]) {
      expect(answer).toMatchObject({ status: 409, body: { code: 'FORWARDER_OFFLINE', retryable: true } });
    }
    expect(currentOf('away.mat')).toBe(1);
    expect(await mappingsOf(race.raceId)).toEqual([]);
    const forwarder = await attach('away');
    expect(commandsIn(forwarder.messages)).toEqual([]);
    expect((await activate(race.raceId, 'away.mat')).body).toMatchObject({ epoch: 2 });
    await forwarder.close();
  });

  it('[RT-14] many at once give as many epochs, each once, in order', async () => {
    const races = [await createRace(f, 'e1'), await createRace(f, 'e1')];
    const forwarder = await attach('f3');
    const asked = Array.from({ length: 10 }, (_, n) =>
      n % 3 === 2 ? reset('f3.mat') : activate(races[n % 2]?.raceId ?? '', 'f3.mat'),
    );
    const epochs = (await Promise.all(asked)).map((it) => (it.body as MappingBody).epoch);
    expect([...epochs].sort((a, b) => a - b)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(currentOf('f3.mat')).toBe(11);
    await forwarder.push(11, 1, ['of the last']);
    expect(commandsIn(forwarder.messages)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    await forwarder.close();
  });

  it('[RT-14] goes on from an epoch that the forwarder opened by itself', async () => {
    const race = await createRace(f, 'e1');
    const forwarder = await attach('f4');
    await forwarder.push(1, 1, ['a']);
    await forwarder.push(5, 1, ['b']);
    expect((await activate(race.raceId, 'f4.mat')).body).toMatchObject({ epoch: 6 });
    await forwarder.close();
  });

  it('counts of a stream go on while its epoch is changed', async () => {
    const forwarder = await attach('f5');
    const pushing = (async () => {
      for (let seq = 1; seq <= 30; seq++) await forwarder.push(1, seq, [`line ${seq}`]);
    })();
    for (let n = 0; n < 5; n++) await reset('f5.mat');
    await pushing;
    expect(f.core.registry.stream(streamId('f5.mat'))).toMatchObject({ accepted: 30, currentEpoch: 6 });
    await forwarder.close();
  });

  it('[P22] on a full disk changes nothing, and works when there is space', async () => {
    const race = await createRace(f, 'e1');
    const forwarder = await attach('f6');
    fussy.refuse(true);
    const refused = await activate(race.raceId, 'f6.mat');
    expect(refused).toMatchObject({ status: 503, body: { code: 'STORAGE_FULL', retryable: true } });
    fussy.refuse(false);
    expect(currentOf('f6.mat')).toBe(1);
    expect(await mappingsOf(race.raceId)).toEqual([]);
    expect((await activate(race.raceId, 'f6.mat')).body).toMatchObject({ epoch: 2 });
    expect(commandsIn([await forwarder.until('epochCommand')])).toEqual([2]);
    await forwarder.close();
  });

  it('knows no race and no stream but those of one event', async () => {
    const [own, foreign] = [await createRace(f, 'e1'), await createRace(f, 'e2')];
    await seedStream(f, 'e1', 'here.mat', { 1: [] });
    await seedStream(f, 'e2', 'there.mat', { 1: [] });
    const ask = (raceId: string, stream: string, token?: string) =>
      f.ask('POST', `/api/v1/races/${raceId}/streams/${stream}/epochs/activate-next`, token ? { token } : {});
    expect((await ask(foreign.raceId, 'here.mat')).status).toBe(404);
    expect((await ask(own.raceId, 'there.mat')).status).toBe(404);
    expect((await ask(own.raceId, 'none.mat')).status).toBe(404);
    expect((await ask('00000000-0000-4000-8000-000000000000', 'here.mat')).status).toBe(404);
    expect((await ask('no-uuid', 'here.mat')).status).toBe(400);
    expect((await ask(own.raceId, 'there.mat', operator)).status).toBe(404);
  });

  it('reset-epoch tells the race that the next epoch was mapped to before', async () => {
    const race = await createRace(f, 'e1');
    const forwarder = await attach('f7');
    await f.ask('PUT', '/api/v1/streams/f7.mat/epochs/2/race', { body: { raceId: race.raceId } });
    expect((await reset('f7.mat')).body).toEqual({ streamId: 'f7.mat', epoch: 2, raceId: race.raceId });
    expect((await reset('f7.mat')).body).toEqual({ streamId: 'f7.mat', epoch: 3, raceId: null });
    await forwarder.close();
  });
});
