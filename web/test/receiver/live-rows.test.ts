import type { QueryFailure, ReplicaChange, SelectPage } from '@baton/client-core';
import { err, ok, type Result } from '@baton/schema/result';
import { createVirtualTime } from '@baton/testkit';
import { describe, expect, it } from 'vitest';
import { followRows, type Rows } from '../../src/receiver/live-rows.ts';
import { createSqlStore } from '../../src/receiver/sql/sql-store.ts';

const pageOf = (value: unknown): SelectPage => ({
  columns: [{ name: 'n', type: 'integer' }],
  rows: [[value]],
  truncated: false,
});

/** A replica whose answers come when the test says so. */
const createScript = () => {
  const asked: { readonly sql: string; readonly answer: (it: Result<SelectPage, QueryFailure>) => void }[] = [];
  const listeners = new Set<(change: ReplicaChange) => void>();
  return {
    asked,
    replica: {
      select: (sql: string) =>
        new Promise<Result<SelectPage, QueryFailure>>((answer) => {
          asked.push({ sql, answer });
        }),
      onChange: (listener: (change: ReplicaChange) => void) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    change: (type: ReplicaChange['type']) => {
      for (const listener of listeners) listener({ type });
    },
    listening: () => listeners.size,
  };
};

const follow = () => {
  const time = createVirtualTime();
  const script = createScript();
  const told: Rows[] = [];
  const deps = { replica: script.replica, timers: time.timers };
  const stop = followRows(deps, { sql: 'SELECT 1', on: ['reads'] }, (rows) => told.push(rows));
  return { time, script, told, stop };
};

describe('an answer that is kept current', () => {
  it('is asked for at once, again after what concerns it, and a burst of changes once', async () => {
    const { time, script, told } = follow();
    script.asked[0]?.answer(ok(pageOf(1)));
    await time.advanceAsync(0);
    expect(told).toMatchObject([{ type: 'rows', page: { rows: [[1]] } }]);
    script.change('setup');
    await time.advanceAsync(5000);
    expect(script.asked).toHaveLength(1);
    for (let at = 0; at < 50; at++) script.change('reads');
    await time.advanceAsync(5000);
    expect(script.asked).toHaveLength(2);
    script.asked[1]?.answer(ok(pageOf(2)));
    await time.advanceAsync(0);
    script.change('rebuilt');
    await time.advanceAsync(5000);
    expect(script.asked).toHaveLength(3);
  });

  it('is never asked for twice at a time, and rests longer the longer it took', async () => {
    const { time, script } = follow();
    script.change('reads');
    await time.advanceAsync(500);
    expect(script.asked).toHaveLength(1);
    script.asked[0]?.answer(ok(pageOf(1)));
    await time.advanceAsync(1900);
    expect(script.asked).toHaveLength(1);
    await time.advanceAsync(200);
    expect(script.asked).toHaveLength(2);
  });

  it('stays on show while the database is lost, and is asked for again', async () => {
    const { time, script, told } = follow();
    script.asked[0]?.answer(ok(pageOf(1)));
    await time.advanceAsync(0);
    script.change('reads');
    await time.advanceAsync(300);
    script.asked[1]?.answer(err({ type: 'lost', message: 'it is opened anew' }));
    await time.advanceAsync(0);
    expect(told.at(-1)).toMatchObject({ type: 'failed', message: 'it is opened anew', page: { rows: [[1]] } });
    await time.advanceAsync(1000);
    expect(script.asked).toHaveLength(3);
  });

  it('ends with what it was drawn in', async () => {
    const { time, script, told, stop } = follow();
    stop();
    script.asked[0]?.answer(ok(pageOf(1)));
    script.change('reads');
    await time.advanceAsync(5000);
    expect([told, script.asked.length, script.listening()]).toEqual([[], 1, 0]);
  });
});

describe('the console', () => {
  const open = () => {
    const time = createVirtualTime();
    const script = createScript();
    return { time, script, store: createSqlStore({ replica: script.replica, timers: time.timers }) };
  };

  it('runs one statement at a time and says how long it took', async () => {
    const { time, script, store } = open();
    void store.ask('SELECT 1');
    void store.ask('SELECT 2');
    await time.advanceAsync(40);
    expect([store.run.value.type, script.asked.map((it) => it.sql)]).toEqual(['running', ['SELECT 1']]);
    script.asked[0]?.answer(ok(pageOf(1)));
    await time.advanceAsync(0);
    expect(store.run.value).toMatchObject({ type: 'rows', sql: 'SELECT 1', ms: 40 });
  });

  it('tells the database’s words, and whether it was the statement', async () => {
    const { time, script, store } = open();
    void store.ask('SELECT x');
    script.asked[0]?.answer(err({ type: 'sql-error', message: 'column "x" does not exist' }));
    await time.advanceAsync(0);
    expect(store.run.value).toEqual({ type: 'failed', message: 'column "x" does not exist', isLost: false });
  });

  it('drops the answer of an abandoned statement, and takes the next one only after it', async () => {
    const { time, script, store } = open();
    void store.ask('SELECT slow');
    store.abandon();
    void store.ask('SELECT 2');
    expect([store.run.value.type, script.asked.length]).toEqual(['abandoned', 1]);
    script.asked[0]?.answer(ok(pageOf(1)));
    await time.advanceAsync(0);
    expect(store.run.value).toEqual({ type: 'idle' });
    void store.ask('SELECT 2');
    expect(script.asked).toHaveLength(2);
  });
});
