import { DEFAULT_WATCH, type Setup } from '@baton/schema/doc';
import { pairKey } from '@baton/schema/reads';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Command, LiveItem, ReadItem } from '../../../src/live/consumer.ts';
import { createFinishWebhook, type FinishBody } from '../../../src/live/managers/finish-webhook.ts';
import { ALL_TEN, chipOf, FINISH, FIVE, HALF, idOf, runner, START, setupOf, TEN } from '../../replica/race-stage.ts';
import { createReads, drive, FACTS, rosterOf, setupItem, tick } from './manager-stage.ts';

const URL = 'https://board.example/finish';
const ON = { ...DEFAULT_WATCH, finishWebhookOn: true, finishWebhookUrl: URL };
const roster = rosterOf([runner('17'), runner('18'), runner('19', { raceId: FIVE })]);
const setup = (more: Partial<Setup> = {}): Setup => setupOf(ALL_TEN, { watch: ON, ...more });
const bodies = (commands: readonly Command[]): readonly FinishBody[] =>
  commands.map(({ payload }) => (payload as { readonly body: FinishBody }).body);
const bibs = (commands: readonly Command[]): readonly string[] => bodies(commands).map(({ bib }) => bib);

const stage = (first: Setup = setup()) => {
  const driven = drive(createFinishWebhook(FACTS));
  driven.take(setupItem(first, roster));
  return { ...driven, read: createReads() };
};

describe('webhook on finish', () => {
  it('[EF-12] tells the first read at the finish, once, with what a scoreboard needs', () => {
    const { take, read } = stage();
    expect(take(read(START, chipOf('17'), 3))).toEqual([]);
    expect(take(read(HALF, chipOf('17'), 900))).toEqual([]);
    const [command, ...others] = take(read(FINISH, chipOf('17'), 1800.25));
    expect(others).toEqual([]);
    expect(command).toEqual({
      key: `finish/race-10k/${encodeURIComponent(idOf('17'))}`,
      type: 'webhook',
      payload: {
        url: URL,
        body: {
          type: 'finish',
          eventId: 'e1',
          race: { raceId: TEN, name: '10 km' },
          participantId: idOf('17'),
          bib: '17',
          name: 'Ada N17',
          time: '2026-03-06T10:30:00.250',
          gunMs: 1_800_250,
          read: { streamId: FINISH, epoch: 1, seq: 1 },
        },
      },
    });
    expect(take(read(FINISH, chipOf('17'), 1801))).toEqual([]);
  });

  it.each([
    ['an unknown chip', [FINISH, chipOf('99'), 1800]],
    ['somebody of another race', [FINISH, chipOf('19'), 1800]],
    ['a read before the gun', [FINISH, chipOf('17'), -5]],
    ['a read before the minimum lap', [FINISH, chipOf('17'), 599]],
    ['a split', [HALF, chipOf('17'), 1800]],
    ['a line without a chip', [FINISH, null, 1800]],
  ] as const)('says nothing of %s', (_what, [stream, chip, seconds]) => {
    const { take, read } = stage(setup({ rules: { ...setup().rules, minLapMs: 600_000 } }));
    expect(take(read(stream, chip, seconds))).toEqual([]);
    expect(bibs(take(read(FINISH, chipOf('17'), 600)))).toEqual(['17']);
  });

  it('counts any finish where the race has no gun, and every mapped read where it has no points', () => {
    const race = setup().races.get(TEN);
    if (race === undefined) throw new Error('no race');
    const { take, read } = stage(setup({ races: new Map([[TEN, { ...race, startAt: null, points: [] }]]) }));
    expect(bodies(take(read(HALF, chipOf('17'), -500)))).toMatchObject([{ bib: '17', gunMs: null }]);
  });

  it('tells the time that it was, where the reader’s clock was off', () => {
    const { take, read } = stage(setup({ epochOffsets: new Map([[pairKey(FINISH, 1), -60_000]]) }));
    const [body] = bodies(take(read(FINISH, chipOf('17'), 1860)));
    expect(body).toMatchObject({ time: '2026-03-06T10:30:00.000', gunMs: 1_800_000 });
  });

  it('waits for a mapping, a point and a chip that come late', () => {
    const { take, read } = stage(setupOf([], { watch: ON, streamPoints: new Map() }));
    take(read(FINISH, chipOf('18'), 1900));
    take(read(FINISH, chipOf('17'), 1800));
    take(read(FINISH, chipOf('55'), 1850));
    expect(take(setupItem(setupOf(ALL_TEN, { watch: ON, streamPoints: new Map() }), roster))).toEqual([]);
    expect(bibs(take(setupItem(setup(), roster)))).toEqual(['17', '18']);
    const later = rosterOf([runner('17'), runner('18'), runner('55')]);
    expect(bibs(take(setupItem(setup(), later)))).toEqual(['55']);
  });

  it('tells all of the event where it is switched on late, a few at a time', () => {
    const runners = Array.from({ length: 120 }, (_, at) => runner(String(at + 100)));
    const people = rosterOf(runners);
    const driven = drive(createFinishWebhook(FACTS));
    const read = createReads();
    driven.take(setupItem(setup({ watch: { ...ON, finishWebhookOn: false } }), people));
    for (const { bib } of runners) expect(driven.take(read(FINISH, chipOf(bib), 1800))).toEqual([]);
    expect(driven.take(setupItem(setup({ watch: { ...ON, finishWebhookUrl: '' } }), people))).toEqual([]);
    const counts = [setupItem(setup(), people), tick(1), tick(2), tick(3)].map((item) => driven.take(item).length);
    expect(counts).toEqual([50, 50, 20, 0]);
    expect(new Set(driven.commands.map(({ key }) => key)).size).toBe(120);
  });

  it('leaves out who was removed before it could be told', () => {
    const { take, read } = stage(setup({ watch: { ...ON, finishWebhookOn: false } }));
    take(read(FINISH, chipOf('17'), 1800));
    expect(take(setupItem(setup(), rosterOf([runner('18')])))).toEqual([]);
  });

  it('has keys that fit, however long and strange a participant’s id', () => {
    const strange = [`${'ł'.repeat(300)}`, `${'ł'.repeat(299)}m`, '\ud800', 'a b/c'];
    const driven = drive(createFinishWebhook(FACTS));
    const read = createReads();
    const runners = strange.map((id, at) => runner(String(at), { participantId: id as never }));
    driven.take(setupItem(setup(), rosterOf(runners)));
    for (const { bib } of runners) driven.take(read(FINISH, chipOf(bib), 1800));
    const keys = driven.commands.map(({ key }) => key);
    expect(new Set(keys).size).toBe(strange.length);
    for (const key of keys) expect(key).toMatch(/^[!-~]{1,400}$/);
  });

  it('[EF-19] tells each finish once, whatever order, cuts, late mappings and restarts', () => {
    const field = ['17', '18', '20', '21', '22'];
    const people = rosterOf(field.map((bib) => runner(bib)));
    const passing = fc.record({
      stream: fc.constantFrom(START, HALF, FINISH),
      bib: fc.constantFrom(...field, '99'),
      seconds: fc.integer({ min: -100, max: 3000 }),
      epoch: fc.constantFrom(1, 2),
    });
    const step = fc.oneof(
      { weight: 6, arbitrary: passing },
      { weight: 1, arbitrary: fc.constantFrom('map' as const, 'restart' as const, 'on' as const, 'off' as const) },
    );
    const minLapMs = 600_000;
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const driven = drive(createFinishWebhook(FACTS));
        const read = createReads();
        const rules = { ...setup().rules, minLapMs };
        let mapped = false;
        let on = true;
        const now = () =>
          setupItem(
            setupOf(mapped ? [...ALL_TEN, [pairKey(FINISH, 2), TEN] as const] : [], {
              rules,
              watch: { ...ON, finishWebhookOn: on },
            }),
            people,
          );
        const reads: ReadItem[] = [];
        const feed = (item: LiveItem): void => void driven.take(item);
        feed(now());
        for (const it of steps) {
          if (typeof it === 'object') {
            const item = read(it.stream, chipOf(it.bib), it.seconds, { epoch: it.epoch });
            reads.push(item);
            feed(item);
            continue;
          }
          if (it === 'restart') driven.restart();
          else {
            mapped ||= it === 'map';
            on = it === 'map' ? on : it === 'on';
            feed(now());
          }
        }
        [mapped, on] = [true, true];
        feed(now());
        const finished = field.filter((bib) =>
          reads.some((it) => {
            const seconds = (it.receivedAt - Date.UTC(2026, 2, 6, 9)) / 1000;
            return it.streamId === FINISH && it.chip === chipOf(bib) && seconds * 1000 >= minLapMs;
          }),
        );
        expect([...bibs(driven.commands)].sort()).toEqual(finished);
      }),
      { numRuns: 200 },
    );
  });
});
