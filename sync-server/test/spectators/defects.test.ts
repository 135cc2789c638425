import { expect, it } from 'vitest';
import { createMemoryStore } from '../../src/storage/memory/memory-store.ts';
import { appendLines, seedStream } from '../http/relay-fixture.ts';
import { watch } from './feed-fixture.ts';
import { createMirror, rowsByBib } from './mirror.ts';
import { fullOf, isFull, raceDay } from './race-day.ts';

it('[CN-19] a diff that cannot be made is a refresh; HTTP is right, and the whole follows with the diffs behind it', async () => {
  const store = createMemoryStore();
  let failures = 0;
  let readsUntilFailure = Number.POSITIVE_INFINITY;
  const readBatches: typeof store.readBatches = async (command) => {
    if (--readsUntilFailure !== 0) return store.readBatches(command);
    failures++;
    throw new Error('a batch cannot be read');
  };
  const day = await raceDay({ store: { ...store, readBatches } });
  await day.finish([1, 1_000_000]);
  // longer than what the log keeps in memory: it has to be read from the store
  const long = await seedStream(day, 'run', 'gate.long', {
    1: Array.from({ length: 3000 }, (_, index) => `noise ${index} ${'x'.repeat(200)}`),
  });
  const spectator = await watch(day, 'run');
  await spectator.until(isFull);
  readsUntilFailure = 1;
  await day.ask('PUT', `/api/v1/streams/${long}/epochs/1/race`, { body: { raceId: day.raceId } });
  await spectator.until(({ type }) => type === 'refresh');
  expect(failures).toBe(1);
  const page = await day.results();
  expect(page.data.map(({ bib }) => bib)).toEqual(['1']);
  const whole = await spectator.until((it) => isFull(it) && it !== spectator.messages[0]);
  expect(fullOf(whole).hub).toBe(page.hub);
  await day.finish([2, 900_000]);
  await spectator.until(({ type }) => type === 'diff');
  const mirror = createMirror(day.raceId);
  for (const message of spectator.messages.slice(spectator.messages.indexOf(whole))) mirror.apply(message);
  expect(mirror.rows()).toEqual(rowsByBib((await day.results()).data));
  expect(day.defects).toMatchObject([{ message: 'results could not be brought up to date', eventId: 'run' }]);
  await appendLines(day.core, long, 1, 3001, ['one more']);
  spectator.socket.close();
  await day.close();
});

it('an event does not become official while its results cannot be computed', async () => {
  const store = createMemoryStore();
  let isBroken = false;
  const loadFacts: typeof store.loadFacts = async (eventId, kind) => {
    if (isBroken) throw new Error('the disk is gone');
    return store.loadFacts(eventId, kind);
  };
  const day = await raceDay({ store: { ...store, loadFacts } });
  await day.status('finished');
  isBroken = true;
  expect(await day.status('official')).toMatchObject({ status: 503, body: { code: 'UNAVAILABLE' } });
  expect((await day.ask('GET', '/api/v1/events/run')).body).toMatchObject({ status: 'finished' });
  await day.close();
});

it('results that cannot be computed are 503, and their feed is closed to be tried again', async () => {
  const store = createMemoryStore();
  let isBroken = false;
  const loadFacts: typeof store.loadFacts = async (eventId, kind) => {
    if (isBroken) throw new Error('the disk is gone');
    return store.loadFacts(eventId, kind);
  };
  const day = await raceDay({ store: { ...store, loadFacts } });
  isBroken = true;
  const answer = await day.get(`results/${day.raceId}`);
  expect(answer).toMatchObject({ status: 503, body: { code: 'UNAVAILABLE', retryable: true } });
  const spectator = await watch(day, 'run');
  expect(await spectator.untilClosed()).toMatchObject({ code: 1013 });
  isBroken = false;
  const again = await watch(day, 'run');
  expect((await again.until(() => true)).type).toBe('full');
  again.socket.close();
  await day.close();
});
