import { readHistory, readSetup, setRules } from '@baton/schema/doc';
import { type Log, type LogFields, silentLog } from '@baton/schema/ports';
import { createVirtualTime } from '@baton/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createDocClient } from '../../../src/doc/doc-client.ts';
import { alarmEdits } from '../../../src/live/dispatch/alarm-edits.ts';
import { createDocumentEdit, type DocumentEditOptions } from '../../../src/live/dispatch/document-edit.ts';
import { createLogLine } from '../../../src/live/dispatch/log-line.ts';
import { createFakeRoom } from '../../doc/fake-web-socket.ts';

const never = new AbortController().signal;
const ALARM_ID = 'silence/10k/f';
const raise = {
  edit: 'raise',
  args: { alarmId: ALARM_ID, kind: 'silence', message: 'nobody at the finish', raisedAt: 5 },
};
const clear = { edit: 'clear', args: { alarmId: ALARM_ID, clearedAt: 9 } };

/** The real client of a document, whose far end answers as the test says. */
const stage = (options: Partial<DocumentEditOptions> = {}) => {
  const room = createFakeRoom();
  const time = createVirtualTime();
  const deps = { timers: time.timers, random: { next: () => 0.5 }, log: silentLog, WebSocket: room.WebSocket };
  const editor = createDocumentEdit(
    {
      timers: time.timers,
      followDoc: (name, doc) =>
        createDocClient(deps, { relay: 'http://relay:8787', token: 't', name, ...(doc === undefined ? {} : { doc }) }),
    },
    { document: 'events/e/setup', edits: alarmEdits, savedMs: 5000, ...options },
  );
  onTestFinished(editor.close);
  const send = (payload: unknown, signal = never) => editor.dispatch({ key: 'k', type: 'alarm', payload }, signal);
  const alarms = () => readSetup(room.doc).setup.alarms.map((it) => [it.alarmId, it.raisedAt, it.clearedAt]);
  return { room, time, send, alarms };
};

const settled = async <T>(promise: Promise<T>, turns = 20): Promise<T | 'pending'> => {
  let result: T | 'pending' = 'pending';
  void promise.then((value) => {
    result = value;
  });
  for (let turn = 0; turn < turns; turn++) await Promise.resolve();
  return result;
};

describe('document edit', () => {
  it('connects with the first edit only', () => {
    const { room } = stage();
    expect(room.sockets).toHaveLength(0);
  });

  it('[EF-19] is done only once the relay has it on disk', async () => {
    const { room, send, alarms } = stage();
    const sent = send(raise);
    expect(await settled(sent)).toBe('pending');
    room.latest().open();
    expect(await settled(sent)).toBe('pending');
    expect(alarms()).toEqual([[ALARM_ID, 5, null]]); // the relay has it, and has not said that it is on disk
    room.latest().tellSaved(2);
    expect(await sent).toMatchObject({ ok: true });
  });

  it('comes to the same when it comes again', async () => {
    const { room, send, alarms } = stage();
    const sent = send(raise);
    room.latest().open();
    await settled(sent);
    room.latest().tellSaved(2);
    await sent;
    const again = { ...raise, args: { ...raise.args, raisedAt: 7, message: 'once more' } };
    expect(await settled(send(again))).toMatchObject({ ok: true });
    expect(alarms()).toEqual([[ALARM_ID, 5, null]]);
    const cleared = send(clear);
    await settled(cleared);
    room.latest().tellSaved(3);
    expect(await cleared).toMatchObject({ ok: true });
    expect(await settled(send({ ...clear, args: { ...clear.args, clearedAt: 99 } }))).toMatchObject({ ok: true });
    expect(alarms()).toEqual([[ALARM_ID, 5, 9]]);
  });

  it('may be tried again where the relay does not answer in time', async () => {
    const { time, send } = stage();
    const sent = send(raise);
    time.advance(5000);
    expect(await sent).toMatchObject({ ok: false, error: { retryable: true } });
  });

  it('may be tried again where the relay does not say that it is saved, and then waits for it', async () => {
    const { room, time, send } = stage();
    const sent = send(raise);
    room.latest().open();
    await settled(sent);
    time.advance(5000);
    expect(await sent).toMatchObject({ ok: false, error: { retryable: true } });
    const again = send(raise);
    expect(await settled(again)).toBe('pending');
    room.latest().tellSaved(2);
    expect(await again).toMatchObject({ ok: true });
  });

  it('is final where the relay does not let it in', async () => {
    const { room, send } = stage();
    const sent = send(raise);
    room.latest().close(4401, 'the token is not known');
    expect(await sent).toMatchObject({ ok: false, error: { retryable: false } });
  });

  it('gives up at once when the process ends', async () => {
    const { send } = stage();
    const ending = new AbortController();
    const sent = send(raise, ending.signal);
    ending.abort();
    expect(await sent).toMatchObject({ ok: false, error: { retryable: true } });
    expect(await send(raise, ending.signal)).toMatchObject({ ok: false });
  });

  it.each([null, {}, { edit: 'drop all', args: {} }, { edit: '__proto__', args: {} }, { edit: 'constructor' }])(
    'makes no edit of %j',
    async (payload) => {
      const { room, send } = stage();
      expect(await send(payload)).toMatchObject({ ok: false, error: { retryable: false } });
      expect(room.sockets).toHaveLength(0);
    },
  );

  it.each([{}, { ...raise.args, kind: 'fire' }, { ...raise.args, alarmId: '' }, { ...raise.args, raisedAt: -1 }, null])(
    'makes no edit with the arguments %j',
    async (args) => {
      const { room, send, alarms } = stage();
      const sent = send({ edit: 'raise', args });
      room.latest().open();
      expect(await sent).toMatchObject({ ok: false, error: { retryable: false } });
      expect(alarms()).toEqual([]);
    },
  );

  it('signs edits that belong to the history', async () => {
    const { room, send } = stage({
      edits: {
        dedup: (doc, args) => {
          setRules(doc, { dedupWindowMs: Number(args) });
          return null;
        },
      },
      sign: () => ({ name: 'a program', at: 3 }),
    });
    const sent = send({ edit: 'dedup', args: 1000 });
    room.latest().open();
    await settled(sent);
    room.latest().tellSaved(2);
    expect(await sent).toMatchObject({ ok: true });
    expect(readHistory(room.doc, 'setup').map(({ author }) => author?.name)).toEqual(['a program']);
  });
});

describe('log line', () => {
  const lines: unknown[] = [];
  const note = (level: string) => (message: string, fields?: LogFields) => void lines.push([level, message, fields]);
  const log: Log = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') };
  const send = (payload: unknown) => createLogLine(log)({ key: 'k', type: 'log', payload }, never);

  it('logs, with the key', async () => {
    expect(await send({ message: 'first', level: 'warn', fields: { bib: '17' } })).toMatchObject({ ok: true });
    expect(await send({ message: 'second' })).toMatchObject({ ok: true });
    expect(lines).toEqual([
      ['warn', 'first', { bib: '17', key: 'k' }],
      ['info', 'second', { key: 'k' }],
    ]);
  });

  it.each([null, {}, { message: 5 }, { message: 'a', level: 'constructor' }, { message: 'a', fields: { a: {} } }])(
    'logs nothing of %j',
    async (payload) => {
      expect(await send(payload)).toMatchObject({ ok: false, error: { retryable: false } });
    },
  );
});
