import { DEFAULT_WATCH, readAlarms, type Setup, type WatchSettings } from '@baton/schema/doc';
import { pairKey } from '@baton/schema/reads';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import type { Command } from '../../../src/live/consumer.ts';
import { alarmEdits } from '../../../src/live/dispatch/alarm-edits.ts';
import {
  type BucketMap,
  deleteAt,
  emptyMap,
  entriesOf,
  getAt,
  hasKey,
  setAt,
} from '../../../src/live/managers/bucket-map.ts';
import { courseOf } from '../../../src/live/managers/course.ts';
import { createSilence } from '../../../src/live/managers/silence.ts';
import { expectedAt, type SeenChips, seenKey } from '../../../src/live/managers/silence-counts.ts';
import { ALL_TEN, chipOf, FINISH, FIVE, HALF, idOf, runner, START, setupOf, TEN } from '../../replica/race-stage.ts';
import { createReads, drive, FACTS, GUN_WALL, rosterOf, setupItem, tick } from './manager-stage.ts';

const FIELD = ['11', '12', '13', '14', '15'];
const roster = rosterOf([...FIELD.map((bib) => runner(bib)), runner('19', { raceId: FIVE })]);
const MINUTE = 60;
const ON = { silenceOn: true, silenceQuietMs: 5 * MINUTE * 1000, silenceMinExpected: 3 };
const setup = (watch: Partial<WatchSettings> = {}, more: Partial<Setup> = {}): Setup =>
  setupOf(ALL_TEN, { watch: { ...DEFAULT_WATCH, ...ON, ...watch }, ...more });

const said = (commands: readonly Command[]): readonly string[] =>
  commands.map(({ payload }) => {
    const { edit, args } = payload as { readonly edit: string; readonly args: { readonly alarmId: string } };
    return `${edit} ${args.alarmId}`;
  });

/** What is raised and cleared goes into a document, which is told again. */
const stage = (first: Setup = setup()) => {
  const driven = drive(createSilence(FACTS));
  const read = createReads();
  const doc = new Y.Doc();
  let documents = first;
  const tell = (now: Setup = documents, people = roster): void => {
    documents = now;
    driven.take(setupItem({ ...now, alarms: readAlarms(doc).alarms }, people));
  };
  tell();
  return {
    ...driven,
    read,
    tell,
    doc,
    at: (stream: typeof START, bibs: readonly string[], seconds: number): void => {
      for (const bib of bibs) driven.take(read(stream, chipOf(bib), seconds));
    },
    look: (seconds: number): readonly string[] => {
      const commands = driven.take(tick(seconds));
      for (const { payload } of commands) {
        const { edit, args } = payload as { readonly edit: 'raise' | 'clear'; readonly args: unknown };
        alarmEdits[edit](doc, args);
      }
      if (commands.length > 0) tell();
      return said(commands);
    },
  };
};

const RAISE_HALF = `raise silence/${TEN}/k5`;
const CLEAR_HALF = `clear silence/${TEN}/k5`;
const RAISE_FINISH = `raise silence/${TEN}/f`;

describe('silence alarm', () => {
  it('is raised where nobody is read for so long while enough are expected, and cleared with the next read', () => {
    const { at, look, doc } = stage();
    at(START, FIELD, 1);
    expect(look(10)).toEqual([]);
    expect(look(10 + 5 * MINUTE - 1)).toEqual([]);
    expect(look(10 + 5 * MINUTE)).toEqual([RAISE_HALF]);
    expect(readAlarms(doc).alarms[0]?.message).toBe('10 km, K5: nobody was read for 5 min 0 s while 5 are expected');
    expect(look(10 + 6 * MINUTE)).toEqual([]);
    at(HALF, ['11'], 10 + 6 * MINUTE);
    expect(look(15 + 6 * MINUTE)).toEqual([CLEAR_HALF]);
  });

  it('begins anew with each read at the point, of whatever chip', () => {
    const { at, look } = stage();
    at(START, FIELD, 1);
    look(0);
    for (let minute = 1; minute < 20; minute++) {
      at(HALF, ['99'], minute * MINUTE);
      expect(look(minute * MINUTE)).toEqual([]);
    }
    expect(look(24 * MINUTE)).toEqual([RAISE_HALF]);
  });

  it.each([
    ['too few are on their way', ['11', '12'], {}],
    ['it is switched off', FIELD, { silenceOn: false }],
    ['more are wanted', FIELD, { silenceMinExpected: 6 }],
  ])('is not raised where %s', (_why, bibs, watch) => {
    const { at, look } = stage(setup(watch));
    at(START, bibs, 1);
    look(0);
    expect(look(30 * MINUTE)).toEqual([]);
  });

  it('is cleared once no longer enough are missed: corrected, read farther on, or switched off', () => {
    const raised = () => {
      const it = stage();
      it.at(START, FIELD, 1);
      it.look(0);
      expect(it.look(10 * MINUTE)).toEqual([RAISE_HALF]);
      return it;
    };
    const out = raised();
    const correction = { status: 'DNF', manualMs: null, reason: '', author: '', at: 1 } as const;
    const corrections = new Map(['11', '12', '13'].map((bib) => [idOf(bib), correction]));
    out.tell(setup(), { ...roster, corrections });
    expect(out.look(11 * MINUTE)).toEqual([CLEAR_HALF]);

    const past = raised();
    past.at(FINISH, ['11', '12', '13'], 11 * MINUTE);
    expect(past.look(11 * MINUTE)).toEqual([CLEAR_HALF]);

    const off = raised();
    off.tell(setup({ silenceOn: false }));
    expect(off.look(11 * MINUTE)).toEqual([CLEAR_HALF]);
  });

  it('does not miss anybody at the finish before the field is near it', () => {
    const { at, look } = stage();
    at(START, FIELD, 1);
    look(0);
    at(HALF, ['11', '12'], 15 * MINUTE);
    look(15 * MINUTE);
    expect(look(40 * MINUTE)).toEqual([RAISE_HALF]); // two are on the way to the finish, three before the half
    at(FINISH, ['11'], 41 * MINUTE);
    look(41 * MINUTE);
    // now that the field has arrived, all who are behind are expected
    expect(look(47 * MINUTE)).toContain(RAISE_FINISH);
  });

  it('counts neither tests before the gun nor runners of another race', () => {
    const { at, look } = stage();
    at(START, FIELD, -600);
    at(START, ['19', '19', '19'], 1);
    look(0);
    expect(look(30 * MINUTE)).toEqual([]);
    at(START, FIELD, 30 * MINUTE);
    look(30 * MINUTE);
    expect(look(36 * MINUTE)).toEqual([RAISE_HALF]);
  });

  it('counts reads of before a mapping once it is there', () => {
    const { at, look, tell } = stage(setup({}, { epochRaces: new Map() }));
    at(START, FIELD, 1);
    at(HALF, ['11', '12', '13'], 2);
    look(0);
    tell(setup());
    look(10);
    expect(look(30 * MINUTE)).toEqual([RAISE_FINISH]);
  });

  it('goes on where it was after a restart, and is not fooled by a clock that is set back', () => {
    const { at, look, restart } = stage();
    at(START, FIELD, 1);
    look(0);
    restart();
    expect(look(5 * MINUTE)).toEqual([RAISE_HALF]);
    restart();
    expect(look(6 * MINUTE)).toEqual([]);
    const other = stage();
    other.at(START, FIELD, 1);
    other.look(60 * MINUTE);
    other.look(0);
    expect(other.look(5 * MINUTE)).toEqual([RAISE_HALF]);
  });

  it('counts as a plain reading of the rule does', () => {
    const points = [START, HALF, FINISH];
    const passing = fc.record({
      point: fc.nat({ max: 2 }),
      bib: fc.constantFrom(...FIELD, '19', '99'),
      seconds: fc.integer({ min: -5, max: 20 }),
    });
    fc.assert(
      fc.property(fc.array(passing, { maxLength: 30 }), (passings) => {
        let seen: SeenChips = emptyMap();
        const newest = new Map<string, number>();
        for (const { point, bib, seconds } of passings) {
          const key = seenKey(pairKey(points[point] ?? START, 1), chipOf(bib));
          newest.set(`${point} ${bib}`, seconds);
          seen = setAt(seen, key, GUN_WALL + seconds * 1000);
        }
        const wasAt = (bib: string, from: number, to: number): boolean =>
          [0, 1, 2].some((point) => point >= from && point < to && (newest.get(`${point} ${bib}`) ?? -1) >= 0);
        const counts = expectedAt(courseOf(setupItem(setup(), roster), FACTS), seen).filter(
          ({ race }) => race.raceId === TEN,
        );
        const plain = [1, 2].map((point) => {
          const from = FIELD.some((bib) => wasAt(bib, point, 3)) ? 0 : point - 1;
          return FIELD.filter((bib) => wasAt(bib, from, point) && !wasAt(bib, point, 3)).length;
        });
        expect(counts.map(({ count }) => count)).toEqual(plain);
      }),
    );
  });
});

describe('a map in buckets', () => {
  const key = fc.oneof(fc.constantFrom('__proto__', 'constructor', 'a', 'b'), fc.string({ maxLength: 3 }));
  const change = fc.oneof(
    fc.record({ type: fc.constant('set' as const), key, value: fc.nat() }),
    fc.record({ type: fc.constant('delete' as const), key }),
  );

  it('is a map, never changed, and survives JSON', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
        const plain = new Map<string, number>();
        let map: BucketMap<number> = emptyMap();
        for (const it of changes) {
          const before = JSON.stringify(map);
          const next = it.type === 'set' ? setAt(map, it.key, it.value) : deleteAt(map, it.key);
          expect(JSON.stringify(map)).toBe(before);
          map = next;
          if (it.type === 'set') plain.set(it.key, it.value);
          else plain.delete(it.key);
        }
        const read: BucketMap<number> = JSON.parse(JSON.stringify(map));
        expect(new Map(entriesOf(read))).toEqual(plain);
        expect(read.size).toBe(plain.size);
        for (const at of ['__proto__', 'constructor', 'a', 'zz']) {
          expect([hasKey(read, at), getAt(read, at)]).toEqual([plain.has(at), plain.get(at)]);
        }
      }),
    );
  });
});
