import { DEFAULT_WATCH, readAlarms, type Setup, type WatchSettings } from '@baton/schema/doc';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import type { Command } from '../../../src/live/consumer.ts';
import { alarmEdits } from '../../../src/live/dispatch/alarm-edits.ts';
import { NO_ALARMS, settleAlarms } from '../../../src/live/managers/alarm-memory.ts';
import { createClockOffset, medianOf, spanText } from '../../../src/live/managers/clock-offset.ts';
import { createUnknownChips } from '../../../src/live/managers/unknown-chips.ts';
import { ALL_TEN, chipOf, FINISH, HALF, runner, setupOf } from '../../replica/race-stage.ts';
import { createReads, drive, FACTS, rosterOf, setupItem, tick } from './manager-stage.ts';

const roster = rosterOf([runner('17'), runner('18')]);
const setup = (watch: Partial<WatchSettings>, more: Partial<Setup> = {}): Setup =>
  setupOf(ALL_TEN, { watch: { ...DEFAULT_WATCH, ...watch }, ...more });

/** `raise silence/…`, `clear …`. */
const said = (commands: readonly Command[]): readonly string[] =>
  commands.map(({ type, payload }) => {
    const { edit, args } = payload as { readonly edit: string; readonly args: { readonly alarmId: string } };
    return `${type}: ${edit} ${args.alarmId}`;
  });
const messageOf = ([command]: readonly Command[]): string =>
  (command?.payload as { readonly args: { readonly message: string } } | undefined)?.args.message ?? 'nothing was said';

const perform = (doc: Y.Doc, commands: readonly Command[]): void => {
  for (const { payload } of commands) {
    const { edit, args } = payload as { readonly edit: 'raise' | 'clear'; readonly args: unknown };
    expect(alarmEdits[edit](doc, args)).toBeNull();
  }
};

/** Looks on a tick: what comes of it is done to a document, which is told again as the real one would be. */
const watchOver = <S>(driven: ReturnType<typeof drive<S>>, first: Setup) => {
  const doc = new Y.Doc();
  let [documents, people] = [first, roster];
  const tell = (): void => void driven.take(setupItem({ ...documents, alarms: readAlarms(doc).alarms }, people));
  tell();
  return {
    look: (seconds: number): readonly Command[] => {
      const commands = driven.take(tick(seconds));
      perform(doc, commands);
      if (commands.length > 0) tell();
      return commands;
    },
    tell: (now: Setup, nowPeople = people): void => {
      [documents, people] = [now, nowPeople];
      tell();
    },
  };
};

describe('unknown chips', () => {
  const watch = { unknownChipsOn: true, unknownChipsReads: 10, unknownChipsPercent: 20 };
  const RAISE = `alarm: raise unknown-chips/${FINISH}`;
  const CLEAR = `alarm: clear unknown-chips/${FINISH}`;
  const stage = (more: Partial<WatchSettings> = {}) => {
    const driven = drive(createUnknownChips(FACTS));
    const read = createReads();
    const watching = watchOver(driven, setup({ ...watch, ...more }));
    const reads = (known: number, unknown: number) => {
      for (let at = 0; at < unknown; at++) driven.take(read(FINISH, chipOf('99'), at));
      for (let at = 0; at < known; at++) driven.take(read(FINISH, chipOf('17'), at));
    };
    return { ...driven, ...watching, read, reads };
  };

  it.each([
    [10, 0, []],
    [8, 2, []],
    [7, 3, [RAISE]],
    [0, 10, [RAISE]],
    [0, 9, []], // not so many reads yet
  ])('with %i of known and %i of unknown chips', (known, unknown, expected) => {
    const { look, reads } = stage();
    reads(known, unknown);
    expect(said(look(1))).toEqual(expected);
  });

  it('says which stream, how much, and speaks once', () => {
    const { look, reads } = stage();
    reads(7, 3);
    const raised = look(1);
    expect(messageOf(raised)).toBe('box-3.finish: 30 % of the last 10 reads are of chips that nobody has');
    reads(0, 2);
    expect(look(2)).toEqual([]);
  });

  it('clears at half of what raised it', () => {
    const { look, reads } = stage();
    reads(7, 3);
    look(1);
    reads(8, 2); // 2 of 10: no alarm by itself, and not yet the end of this one
    expect(look(2)).toEqual([]);
    reads(9, 1);
    expect(said(look(3))).toEqual([CLEAR]);
  });

  it('clears when the chips are imported, and when it is switched off', () => {
    const first = stage();
    first.reads(5, 5);
    first.look(1);
    first.tell(setup(watch), rosterOf([runner('17'), runner('99')]));
    expect(said(first.look(2))).toEqual([CLEAR]);
    const second = stage();
    second.reads(5, 5);
    second.look(1);
    second.tell(setup({ ...watch, unknownChipsOn: false }));
    expect(said(second.look(2))).toEqual([CLEAR]);
  });

  it('forgets nothing over a restart, and does not say it twice', () => {
    const { look, reads, restart } = stage();
    reads(5, 5);
    const raised = look(1);
    restart();
    expect(look(2)).toEqual([]);
    expect(raised[0]?.key).toBe(`unknown-chips/${FINISH}#1/raise`);
  });

  it('says nothing while it is off or has not been told the documents', () => {
    const { look, reads } = stage({ unknownChipsOn: false });
    reads(0, 10);
    expect(look(1)).toEqual([]);
    const fresh = drive(createUnknownChips(FACTS));
    const read = createReads();
    for (let at = 0; at < 200; at++) fresh.take(read(FINISH, 'x', at));
    expect(fresh.take(tick(1))).toEqual([]);
  });

  it('keeps no more reads than it looks at', () => {
    const { take, read, state } = stage();
    for (let at = 0; at < 500; at++) take(read(at % 2 === 0 ? FINISH : HALF, chipOf('17'), at));
    expect(Object.values(state().recent).map((it) => it.length)).toEqual([10, 10]);
  });
});

describe('clock offset', () => {
  const watch = { clockOffsetOn: true, clockOffsetMs: 10_000, clockOffsetReads: 5 };
  const stage = () => {
    const driven = drive(createClockOffset(FACTS));
    const read = createReads();
    const watching = watchOver(driven, setup(watch));
    /** Reads whose reader's clock is off by so many seconds. */
    const reads = (...offsets: readonly number[]) => {
      for (const [at, offset] of offsets.entries()) {
        const { receivedAt } = read(FINISH, null, at);
        driven.take({ ...read(FINISH, 'c', at + offset), receivedAt });
      }
    };
    return { ...driven, ...watching, reads };
  };
  const RAISE = `alarm: raise clock-offset/${FINISH}`;

  it.each([
    [[0, 0, 0, 0, 0], []],
    [[10, 10, 10, 10, 10], []],
    [[11, 11, 11, 11, 11], [RAISE]],
    [[-11, -12, -13, 0, -900], [RAISE]],
    [[0, 1, -1, 3600, 3600], []], // a few that are far off do not move the median
    [[60, 60, 60, 60], []], // not so many reads yet
  ])('of %j s', (offsets, expected) => {
    const { look, reads } = stage();
    reads(...offsets);
    expect(said(look(10))).toEqual(expected);
  });

  it('tells how much, and which way', () => {
    const ahead = stage();
    ahead.reads(62, 62, 62, 62, 62);
    expect(messageOf(ahead.look(9))).toBe('box-3.finish: the reader’s clock is 1 min 2 s ahead');
    const behind = stage();
    behind.reads(-7980, -7980, -7980, -7980, -7980);
    expect(messageOf(behind.look(9))).toBe('box-3.finish: the reader’s clock is 2 h 13 min behind');
  });

  it('is cleared at half of what raised it', () => {
    const { look, reads } = stage();
    reads(11, 11, 11, 11, 11);
    look(1);
    reads(6, 6, 6, 6, 6);
    expect(look(2)).toEqual([]);
    reads(5, 5, 5, 5, 5);
    expect(said(look(3))).toEqual([`alarm: clear clock-offset/${FINISH}`]);
  });

  it('goes by the event’s wall, also when its clocks are set forward', () => {
    const driven = drive(createClockOffset({ ...FACTS, timezone: 'Europe/Paris' }));
    const read = createReads();
    driven.take(setupItem(setup(watch), roster));
    for (let at = 0; at < 5; at++) {
      const receivedAt = Date.UTC(2026, 2, 29, 1, 0, at); // one second before that it was 01:59:59
      driven.take({ ...read(FINISH, 'c', at), receivedAt, readerTime: `2026-03-29T03:00:0${at}.000` });
    }
    expect(driven.take(tick(1))).toEqual([]);
  });

  it('passes over lines without a time', () => {
    const { take, state } = stage();
    const read = createReads();
    take(read(FINISH, 'c', 1, { readerTime: null }));
    take(read(FINISH, 'c', 1, { readerTime: 'yesterday' }));
    expect(state().recent).toEqual({});
  });

  it.each([
    [[3], 3],
    [[1, 3], 2],
    [[9, 1, 5], 5],
  ])('the median of %j is %d', (values, median) => {
    expect(medianOf(values)).toBe(median);
  });

  it.each([
    [400, '0.4 s'],
    [12_540, '12.5 s'],
    [60_000, '1 min 0 s'],
    [3_600_000, '1 h 0 min'],
  ])('%i ms are %s', (ms, text) => {
    expect(spanText(ms)).toBe(text);
  });
});

describe('what is raised', () => {
  const message = (ids: readonly string[]): ReadonlyMap<string, string> => new Map(ids.map((id) => [id, `of ${id}`]));
  const raisedIn = (doc: Y.Doc) =>
    readAlarms(doc)
      .alarms.filter(({ clearedAt }) => clearedAt === null)
      .map(({ alarmId }) => alarmId)
      .sort();
  const wantedIds = fc.subarray(['a', 'b', 'c', 'd']);

  it('is in the document what ought to be, through crashes between the edit and the checkpoint', () => {
    const look = fc.record({ ids: wantedIds, crash: fc.boolean(), lost: fc.boolean() });
    fc.assert(
      fc.property(fc.array(look, { maxLength: 20 }), wantedIds, (looks, last) => {
        const doc = new Y.Doc();
        let memory = NO_ALARMS;
        let now = 0;
        const settle = (ids: readonly string[]) => {
          const known = readAlarms(doc).alarms;
          const settled = settleAlarms(memory, { kind: 'silence', messages: message(ids), known, now: ++now });
          perform(doc, settled.commands);
          return settled;
        };
        for (const { ids, crash, lost } of looks) {
          const settled = settle(ids);
          if (!crash) memory = settled.memory; // else the checkpoint is older than the edit
          if (lost) memory = NO_ALARMS;
        }
        memory = settle(last).memory;
        memory = settle(last).memory;
        expect(raisedIn(doc)).toEqual(last);
        expect(settle(last).commands).toEqual([]);
      }),
    );
  });

  it('leaves other kinds alone', () => {
    const doc = new Y.Doc();
    perform(doc, settleAlarms(NO_ALARMS, { kind: 'silence', messages: message(['a']), known: [], now: 1 }).commands);
    const known = readAlarms(doc).alarms;
    expect(settleAlarms(NO_ALARMS, { kind: 'clock-offset', messages: new Map(), known, now: 2 }).commands).toEqual([]);
  });

  it('is bounded', () => {
    const many = message(Array.from({ length: 500 }, (_, at) => `a${at}`));
    const { commands, memory } = settleAlarms(NO_ALARMS, { kind: 'silence', messages: many, known: [], now: 1 });
    expect([commands.length, Object.keys(memory.raised).length]).toEqual([100, 100]);
  });
});
