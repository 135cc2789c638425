import { participantIdFor, rosterDocName, setCorrection } from '@baton/schema/doc';
import { EventId } from '@baton/schema/ids';
import { createSeededRandom } from '@baton/testkit';
import { describe, expect, it } from 'vitest';
import { type Spectator, watch } from './feed-fixture.ts';
import { createMirror, rowsByBib } from './mirror.ts';
import { raceDay } from './race-day.ts';

type Day = Awaited<ReturnType<typeof raceDay>>;

const RUNNERS = 45;
const STATUSES = [null, 'DNF', 'DSQ', 'DNS'] as const;

/** Everything that may happen to an event, each once it is on disk. */
const happenings = (day: Day, below: (bound: number) => number) => {
  const bib = (): number => 1 + below(RUNNERS);
  const ingest = (kind: string, body: object) => day.ask('POST', `/api/v1/events/run/ingest/${kind}`, { body });
  const mapping = (raceId: string | null) =>
    day.ask('PUT', `/api/v1/streams/${day.stream}/epochs/1/race`, { body: { raceId } });
  const correct = async (): Promise<void> => {
    const held = await day.core.docs.hold(rosterDocName(EventId.parse('run')));
    const id = participantIdFor(day.raceId, String(bib()));
    const status = STATUSES[below(STATUSES.length)] ?? null;
    const manualMs = below(2) === 0 ? null : 1_000_000 + below(1000) * 1000;
    const correction = { status, manualMs, reason: '', author: 'jury', at: 1 };
    await held.edit((doc) => setCorrection(doc, id, below(3) === 0 ? null : correction));
    held.release();
  };
  return [
    () => day.finish(...Array.from({ length: 1 + below(6) }, () => [bib(), 1_000_000 + below(2000) * 1000] as const)),
    () => day.finish([bib(), 900_000 + below(50) * 1000]),
    correct,
    () => day.importCsv(`bib,name,club\n${bib()},Renamed ${below(100)},Club ${below(3)}`),
    () =>
      ingest('results', {
        results: [{ raceId: day.raceId, bib: String(bib()), timeMs: 1_000_000 + below(900) * 1000 }],
      }),
    () =>
      ingest('results', { results: [{ raceId: day.raceId, bib: String(bib()), status: below(2) === 0 ? 'DNF' : '' }] }),
    () => ingest('oncourse', { oncourse: [{ raceId: day.raceId, bib: String(bib()) }] }),
    async () => {
      await mapping(null);
      await mapping(day.raceId);
    },
    () => day.ask('PATCH', `/api/v1/races/${day.raceId}`, { body: { name: `Race ${below(100)}` } }),
  ];
};

describe('one truth', () => {
  it.each([1, 2, 3])(
    '[CN-01] [CN-07] [CN-25] whoever came whenever holds what HTTP says, whatever happened (seed %i)',
    async (seed) => {
      const day = await raceDay({ runners: RUNNERS, flags: { 'spectator-gather-ms': '5' } });
      const random = createSeededRandom(seed);
      const below = (bound: number): number => Math.floor(random.next() * bound);
      const all = happenings(day, below);
      const spectators: Spectator[] = [];
      for (let round = 0; round < 60; round++) {
        const joining = below(5) === 0 ? watch(day, 'run') : null;
        await all[below(all.length)]?.();
        if (joining !== null) spectators.push(await joining);
      }
      const page = await day.results();
      const course = (await day.get('oncourse')).body as { readonly data: readonly { readonly bib: string }[] };
      for (const spectator of spectators) {
        await spectator.until((it) => it.type !== 'refresh' && (it.data.version ?? 0) >= page.version);
        const mirror = createMirror(day.raceId);
        for (const message of spectator.messages) mirror.apply(message);
        expect(mirror.rows()).toEqual(rowsByBib(page.data));
        expect(mirror.total()).toBe(page.total);
        expect(mirror.onCourseTotal()).toBe(course.data.length);
        const bibs = mirror.onCourse().map(({ bib }) => bib);
        expect(bibs.sort()).toEqual(course.data.map(({ bib }) => bib).sort());
        spectator.socket.close();
      }
      expect(spectators.length).toBeGreaterThan(3);
      await day.close();
      expect(day.defects).toEqual([]);
    },
    60_000,
  );
});
