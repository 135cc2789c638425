import { type FeedMessage, type FullState, isPacked } from '@baton/schema/feed';
import type { ResultRow } from '@baton/schema/http';
import { renderIpicoLine } from '@baton/schema/reads';
import {
  createEvent,
  createRace,
  type FixtureOptions,
  linesBatch,
  seedStream,
  startRelay,
} from '../http/relay-fixture.ts';

/** Wall time of the gun at the venue. */
const GUN = '2026-03-07T10:00:00';
const GUN_MS = Date.UTC(2026, 2, 7, 10);

export const chipOf = (bib: number): string => `0580${String(bib).padStart(8, '0')}`;

/** A line of the mat at the finish, so many milliseconds after the gun. */
export const lineOf = (bib: number, afterMs: number): string =>
  renderIpicoLine({
    readerId: 0,
    tag: chipOf(bib),
    iCount: 1,
    qCount: 1,
    wallHundredths: Math.round((GUN_MS + afterMs) / 10),
    extra: null,
    kind: 'RAW',
  });

/** A relay with an event on its day: one race, its finish, and runners 1 to `runners`. */
export const raceDay = async (
  options: FixtureOptions & { readonly runners?: number; readonly eventId?: string } = {},
) => {
  const flags = { 'spectator-gather-ms': '20', ...options.flags };
  const f = await startRelay({ ...options, flags });
  const eventId = options.eventId ?? 'run';
  await createEvent(f, eventId);
  const { raceId } = await createRace(f, eventId);
  const stream = await seedStream(f, eventId, 'gate.mat', { 1: [] });
  await f.ask('PATCH', `/api/v1/races/${raceId}`, { body: { startAt: GUN } });
  await f.ask('PUT', `/api/v1/streams/${stream}/epochs/1/race`, { body: { raceId } });
  const runners = Array.from({ length: options.runners ?? 3 }, (_, index) => index + 1);
  const csv = runners.map((bib) => `${bib},Runner ${bib},Club,${bib % 2 === 0 ? 'F' : 'M'},1990,${chipOf(bib)}`);
  const importCsv = (text: string) => f.ask('POST', `/api/v1/events/${eventId}/roster?raceId=${raceId}`, { raw: text });
  await importCsv(['bib,name,club,sex,birthYear,chip', ...csv].join('\n'));
  let head = 0;

  /** Reads at the finish, appended as one batch. */
  const finish = async (...reads: readonly (readonly [bib: number, afterMs: number])[]): Promise<void> => {
    const batch = linesBatch(reads.map(([bib, afterMs]) => lineOf(bib, afterMs)));
    const reply = await f.core.log.append({ streamId: stream, epoch: 1, firstSeq: head + 1, batch });
    if (reply.type !== 'accepted') throw new Error(`append: ${JSON.stringify(reply)}`);
    head += reads.length;
  };

  const status = (to: string) => f.ask('PATCH', `/api/v1/events/${eventId}/status`, { body: { status: to } });

  const get = (path: string, headers: Readonly<Record<string, string>> = {}) =>
    f.ask('GET', `/api/v1/events/${eventId}/${path}`, { token: null, headers });

  const results = async (query = ''): Promise<ResultsPage> =>
    (await get(`results/${raceId}${query}`)).body as ResultsPage;

  return { ...f, eventId, raceId, stream, finish, status, get, results, importCsv };
};

export interface ResultsPage {
  readonly data: readonly ResultRow[];
  readonly total: number;
  readonly asOf: number;
  readonly hub: string;
  readonly version: number;
}

export const isFull = (it: FeedMessage): it is { readonly type: 'full'; readonly data: FullState } =>
  it.type === 'full';

export const fullOf = (it: FeedMessage | undefined): FullState => {
  if (it?.type !== 'full') throw new Error(`expected full, got ${it?.type}`);
  return it.data;
};

export const resultsOf = (it: FeedMessage): readonly ResultRow[] =>
  it.type === 'diff'
    ? (it.data.results ?? []).flatMap((row) => (isPacked(row) ? [] : [row]))
    : it.type === 'full'
      ? it.data.results
      : [];
