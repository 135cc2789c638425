import type { Replica, ReplicaChange, SelectPage } from '@baton/client-core';
import type { Timer, Timers } from '@baton/schema/ports';
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

/** A question to the replica whose answer is kept at what it holds. */
export interface Question {
  readonly sql: string;
  readonly params?: readonly unknown[];
  /** After which changes it is asked again. */
  readonly on: readonly ReplicaChange['type'][];
  readonly maxRows?: number;
}

export type Rows =
  | { readonly type: 'waiting' }
  | { readonly type: 'rows'; readonly page: SelectPage }
  /** `page`: what was answered before, if anything. */
  | { readonly type: 'failed'; readonly message: string; readonly page: SelectPage | null };

export const WAITING_ROWS: Rows = { type: 'waiting' };

/** What there is to show, old or new. */
export const pageOf = (rows: Rows): SelectPage | null => (rows.type === 'waiting' ? null : rows.page);

export interface LiveDeps {
  readonly replica: Pick<Replica, 'select' | 'onChange'>;
  readonly timers: Timers;
}

/** Changes of a burst are answered together. */
const PAUSE_MS = 250;
/** A question that takes long is asked seldom: the database is there for the reads first. */
const REST_FACTOR = 4;
const MOST_REST_MS = 3000;
const RETRY_MS = 1000;

/** Asks at once and after each change, never twice at a time. Returns the way to stop. */
export const followRows = (deps: LiveDeps, question: Question, tell: (rows: Rows) => void): (() => void) => {
  const { replica, timers } = deps;
  let next: Timer | null = null;
  let state: 'idle' | 'asking' | 'stopped' = 'idle';
  let isStale = false;
  let shown: SelectPage | null = null;

  const later = (ms: number): void => {
    next?.clear();
    next = timers.after(ms, () => {
      next = null;
      void ask();
    });
  };

  const ask = async (): Promise<void> => {
    [state, isStale] = ['asking', false];
    const begun = timers.mono();
    const options = question.maxRows === undefined ? {} : { maxRows: question.maxRows };
    const answer = await replica.select(question.sql, question.params, options);
    if ((state as string) === 'stopped') return;
    state = 'idle';
    if (answer.ok) shown = answer.value;
    tell(
      answer.ok ? { type: 'rows', page: answer.value } : { type: 'failed', message: answer.error.message, page: shown },
    );
    if (!answer.ok && answer.error.type === 'lost') later(RETRY_MS);
    else if (isStale) later(Math.max(PAUSE_MS, Math.min(MOST_REST_MS, REST_FACTOR * (timers.mono() - begun))));
  };

  const stopChanges = replica.onChange(({ type }) => {
    if (type !== 'rebuilt' && !question.on.includes(type)) return;
    isStale = true;
    if (state === 'idle' && next === null) later(PAUSE_MS);
  });
  void ask();
  return () => {
    state = 'stopped';
    stopChanges();
    next?.clear();
  };
};

/** The answer to a question for as long as a component is drawn; the former one stays while another is asked. */
export const useLiveRows = (deps: LiveDeps, question: Question): Rows => {
  const rows = useSignal<Rows>(WAITING_ROWS);
  const key = JSON.stringify([question.sql, question.params]);
  useEffect(
    () =>
      followRows(deps, question, (told) => {
        rows.value = told;
      }),
    [deps, key],
  );
  return rows.value;
};
