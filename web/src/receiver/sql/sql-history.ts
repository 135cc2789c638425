import type { KeyValue } from '../../platform/key-value.ts';

/** Statements that were run on this device, newest first, each once. */
export interface SqlHistory {
  readonly list: () => readonly string[];
  readonly add: (sql: string) => readonly string[];
  readonly clear: () => void;
}

/** Where they are kept: whoever signs out leaves none. */
export const SQL_HISTORY_KEY = 'baton.receive.sql';

export const MOST_STATEMENTS = 50;
/** A longer statement is run, and not kept. */
const MOST_CHARACTERS = 8000;

const parsed = (text: string | null): readonly string[] => {
  try {
    const list: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(list)
      ? list.filter((it): it is string => typeof it === 'string').slice(0, MOST_STATEMENTS)
      : [];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
};

export const createSqlHistory = (kept: KeyValue, key: string): SqlHistory => {
  const list = (): readonly string[] => parsed(kept.get(key));
  return {
    list,
    add: (sql) => {
      const before = list();
      if (sql.trim() === '' || sql.length > MOST_CHARACTERS) return before;
      const next = [sql, ...before.filter((it) => it !== sql)].slice(0, MOST_STATEMENTS);
      kept.set(key, JSON.stringify(next));
      return next;
    },
    clear: () => kept.remove(key),
  };
};
