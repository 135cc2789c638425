import type { Replica } from '../replica/replica.ts';
import { tableLines } from './sql-table.ts';

/** A conversation in SQL. Lines go in one after the other. */
export interface SqlPrompt {
  /** What a terminal shows before the next line. */
  readonly prompt: () => string;
  /** Answers `end` when the person wants to leave. */
  readonly line: (text: string) => Promise<'more' | 'end'>;
}

/** A statement longer than this is not one that a person typed. */
const MOST_CHARACTERS = 100_000;
const MAX_ROWS = 1000;

const HELP = [
  'A statement may take several lines and ends with a semicolon at the end of one. It can read, not change.',
  '\\d        tables and views',
  '\\d NAME   columns of one',
  '\\q        end (and with it the receiver)',
];

const RELATIONS = `SELECT table_name AS name, lower(table_type) AS type FROM information_schema.tables
WHERE table_schema = 'public' ORDER BY table_name`;

const COLUMNS = `SELECT column_name AS name, data_type AS type, is_nullable AS nullable FROM information_schema.columns
WHERE table_schema = 'public' AND table_name = $1 ORDER BY ordinal_position`;

export const createSqlPrompt = (replica: Pick<Replica, 'select'>, out: (line: string) => void): SqlPrompt => {
  let statement = '';

  const ask = async (sql: string, params: readonly unknown[] = []): Promise<void> => {
    const found = await replica.select(sql, params, { maxRows: MAX_ROWS });
    if (found.ok) for (const line of tableLines(found.value)) out(line);
    else out(`error: ${found.error.message}`);
  };

  const command = async (text: string): Promise<'more' | 'end'> => {
    const [word, name] = text.split(/\s+/, 2);
    if (word === '\\q') return 'end';
    if (word === '\\d') await (name === undefined ? ask(RELATIONS) : ask(COLUMNS, [name.toLowerCase()]));
    else for (const line of HELP) out(line);
    return 'more';
  };

  return {
    prompt: () => (statement === '' ? 'sql> ' : '  -> '),
    line: async (text) => {
      const trimmed = text.trim();
      if (statement === '' && trimmed.startsWith('\\')) return command(trimmed);
      if (statement === '' && trimmed === '') return 'more';
      statement += `${text}\n`;
      if (statement.length > MOST_CHARACTERS) {
        statement = '';
        out(`error: expected a statement of at most ${MOST_CHARACTERS} characters`);
      } else if (trimmed.endsWith(';')) {
        const sql = statement.trim().replace(/;+$/, '');
        statement = '';
        if (sql !== '') await ask(sql);
      }
      return 'more';
    },
  };
};
