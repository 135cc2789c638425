import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import {
  acknowledgeAlarm,
  alarmRoots,
  clearAlarm,
  createUndo,
  DEFAULT_WATCH,
  editAs,
  findConflicts,
  isWebAddress,
  MAX_ALARMS,
  raiseAlarm,
  readAlarms,
  readHistory,
  readSetup,
  setupRoots,
  setWatch,
  WATCH_LIMITS,
} from '../../src/doc/index.ts';

const meet = (a: Y.Doc, b: Y.Doc): void => {
  Y.applyUpdate(b, Y.encodeStateAsUpdate(a, Y.encodeStateVector(b)));
  Y.applyUpdate(a, Y.encodeStateAsUpdate(b, Y.encodeStateVector(a)));
};

const newDoc = (): Y.Doc => new Y.Doc({ gc: false });
const silence = (raisedAt: number) => ({ kind: 'silence', message: 'nobody at the finish', raisedAt }) as const;

describe('what to watch', () => {
  it('is off at first', () => {
    expect(readSetup(newDoc()).setup.watch).toEqual(DEFAULT_WATCH);
    expect(Object.values(DEFAULT_WATCH).filter((it) => it === true)).toEqual([]);
  });

  it('gives back what was set, and what two operators set apart', () => {
    const [a, b] = [newDoc(), newDoc()];
    setWatch(a, { silenceOn: true, silenceQuietMs: 120_000 });
    setWatch(b, { finishWebhookOn: true, finishWebhookUrl: 'https://board.example/finish' });
    meet(a, b);
    const expected = {
      ...DEFAULT_WATCH,
      silenceOn: true,
      silenceQuietMs: 120_000,
      finishWebhookOn: true,
      finishWebhookUrl: 'https://board.example/finish',
    };
    for (const doc of [a, b]) expect(readSetup(doc)).toMatchObject({ setup: { watch: expected }, problems: [] });
  });

  it.each([
    ['silenceOn', 'yes'],
    ['silenceOn', 1],
    ['silenceQuietMs', WATCH_LIMITS.silenceQuietMs.min - 1],
    ['silenceQuietMs', Number.NaN],
    ['silenceMinExpected', 0],
    ['unknownChipsPercent', 101],
    ['unknownChipsReads', 1.5],
    ['clockOffsetMs', -1],
    ['clockOffsetReads', null],
    ['finishWebhookUrl', 'javascript:alert(1)'],
    ['finishWebhookUrl', 'http://user:pass@host/'],
    ['finishWebhookUrl', `https://host/${'a'.repeat(2000)}`],
    ['finishWebhookUrl', new Y.Map()],
  ] as const)('keeps the default of %s for %s, and names it', (key, value) => {
    const doc = newDoc();
    setupRoots(doc).watch.set(key, value);
    const { setup, problems } = readSetup(doc);
    expect(setup.watch).toEqual(DEFAULT_WATCH);
    expect(problems.map((it) => [it.root, it.key])).toEqual([['watch', key]]);
  });

  it('passes over what another version has set', () => {
    const doc = newDoc();
    setupRoots(doc).watch.set('__proto__', true);
    setupRoots(doc).watch.set('somethingNew', { a: 1 });
    expect(readSetup(doc)).toMatchObject({ setup: { watch: DEFAULT_WATCH }, problems: [] });
  });

  it('has a history and conflicts like other settings', () => {
    const [a, b] = [newDoc(), newDoc()];
    editAs(a, { name: 'Ada', at: 1 }, (doc) => setWatch(doc, { silenceQuietMs: 60_000 }));
    editAs(b, { name: 'Bea', at: 2 }, (doc) => setWatch(doc, { silenceQuietMs: 90_000 }));
    meet(a, b);
    expect(findConflicts(a, 'setup').map(({ place }) => place)).toEqual([['watch', 'silenceQuietMs']]);
    expect(readHistory(a, 'setup').map(({ author }) => author?.name)).toEqual(['Bea', 'Ada']);
  });

  it.each([
    ['https://board.example/finish?key=1', true],
    ['HTTP://127.0.0.1:9', true],
    ['ftp://host', false],
    ['//host', false],
    ['https://', false],
    ['https://a@host', false],
  ])('takes %s for a web address: %s', (text, is) => {
    expect(isWebAddress(text)).toBe(is);
  });
});

describe('alarms', () => {
  it('[P26] of a kind that a later version raises are shown by their message, and disturb no others', () => {
    const doc = newDoc();
    raiseAlarm(doc, 'silence/r/f', silence(5));
    const { alarms } = alarmRoots(doc);
    alarms.set('solar-flare/mat', { kind: 'solar-flare', message: 'the sun', raisedAt: 7, clearedAt: null, more: 1 });
    alarms.set('no-kind', { message: 'nobody knows', raisedAt: 8, clearedAt: null });
    const read = readAlarms(doc);
    expect(read.alarms.map(({ kind, message }) => [kind, message])).toEqual([
      ['solar-flare', 'the sun'],
      ['silence', 'nobody at the finish'],
    ]);
    expect(read.problems.map(({ key }) => key)).toEqual(['no-kind']);
    for (const alarm of read.alarms) acknowledgeAlarm(doc, alarm, 'Ada', 9);
    clearAlarm(doc, 'solar-flare/mat', 10);
    expect(readAlarms(doc).alarms.map(({ clearedAt, acknowledged }) => [clearedAt, acknowledged?.by])).toEqual([
      [null, 'Ada'],
      [10, 'Ada'],
    ]);
  });

  it('are raised, acknowledged and cleared', () => {
    const doc = newDoc();
    raiseAlarm(doc, 'silence/r/f', silence(5));
    const [raised] = readAlarms(doc).alarms;
    expect(raised).toEqual({ alarmId: 'silence/r/f', ...silence(5), clearedAt: null, acknowledged: null });
    if (raised === undefined) throw new Error('no alarm');
    acknowledgeAlarm(doc, raised, 'Ada', 6);
    expect(readAlarms(doc).alarms[0]?.acknowledged).toEqual({ by: 'Ada', at: 6 });
    clearAlarm(doc, 'silence/r/f', 9);
    expect(readAlarms(doc).alarms[0]).toMatchObject({ clearedAt: 9, acknowledged: { by: 'Ada' } });
    raiseAlarm(doc, 'silence/r/f', silence(12));
    // who looked at the last one has not looked at this one
    expect(readAlarms(doc).alarms[0]).toMatchObject({ raisedAt: 12, clearedAt: null, acknowledged: null });
  });

  it('come raised ones first, the newest first', () => {
    const doc = newDoc();
    for (const [id, at] of [
      ['a', 1],
      ['b', 3],
      ['c', 2],
      ['d', 4],
    ] as const)
      raiseAlarm(doc, id, silence(at));
    clearAlarm(doc, 'd', 10);
    clearAlarm(doc, 'a', 20);
    expect(readAlarms(doc).alarms.map(({ alarmId }) => alarmId)).toEqual(['b', 'c', 'a', 'd']);
  });

  it('write nothing when they come again', () => {
    const doc = newDoc();
    raiseAlarm(doc, 'a', silence(1));
    clearAlarm(doc, 'a', 2);
    raiseAlarm(doc, 'b', silence(3));
    const before = Y.encodeStateVector(doc);
    clearAlarm(doc, 'a', 5);
    clearAlarm(doc, 'unknown', 5);
    raiseAlarm(doc, 'b', silence(6));
    expect(Y.encodeStateVector(doc)).toEqual(before);
  });

  it('are bounded: what was cleared longest ago goes, what nobody can read first of all', () => {
    const doc = newDoc();
    alarmRoots(doc).alarms.set('rubbish', 'not an alarm');
    for (let at = 0; at < MAX_ALARMS + 5; at++) {
      raiseAlarm(doc, `a${at}`, silence(at));
      if (at > 0) clearAlarm(doc, `a${at}`, at);
    }
    const ids = new Set(alarmRoots(doc).alarms.keys());
    expect(ids.size).toBe(MAX_ALARMS);
    expect([ids.has('rubbish'), ids.has('a0'), ids.has('a1'), ids.has(`a${MAX_ALARMS + 4}`)]).toEqual([
      false,
      true, // still raised
      false,
      true,
    ]);
  });

  it.each([
    null,
    'text',
    { kind: '', message: '', raisedAt: 1, clearedAt: null },
    { kind: 'silence', message: 'a'.repeat(501), raisedAt: 1, clearedAt: null },
    { kind: 'silence', message: '', raisedAt: 'now', clearedAt: null },
    { kind: 'silence', message: '', raisedAt: 1 },
  ])('that are none are left out and named: %j', (value) => {
    const doc = newDoc();
    raiseAlarm(doc, 'good', silence(1));
    alarmRoots(doc).alarms.set('bad', value);
    alarmRoots(doc).alarmAcks.set('good', value);
    const { setup, problems } = readSetup(doc);
    expect(setup.alarms.map(({ alarmId }) => alarmId)).toEqual(['good']);
    expect(problems.map(({ root, key }) => `${root}/${key}`)).toEqual(['alarms/bad']);
  });

  it('are no part of history, conflicts and undo', () => {
    const [a, b] = [newDoc(), newDoc()];
    const origin = { page: 'setup' };
    const undo = createUndo(a, 'setup', origin);
    raiseAlarm(a, 'x', silence(1));
    raiseAlarm(b, 'x', silence(2));
    meet(a, b);
    const [alarm] = readAlarms(a).alarms;
    if (alarm === undefined) throw new Error('no alarm');
    editAs(a, { name: 'Ada', at: 3 }, (doc) => acknowledgeAlarm(doc, alarm, 'Ada', 3), { origin });
    editAs(b, { name: 'Bea', at: 4 }, (doc) => acknowledgeAlarm(doc, alarm, 'Bea', 4));
    meet(a, b);
    expect(findConflicts(a, 'setup')).toEqual([]);
    expect(readHistory(a, 'setup')).toEqual([]);
    expect(undo.canUndo()).toBe(false);
    expect(readAlarms(a)).toEqual(readAlarms(b));
  });
});
