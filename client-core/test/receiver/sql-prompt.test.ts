import { err, ok } from '@baton/schema/result';
import { describe, expect, it } from 'vitest';
import { createSqlPrompt } from '../../src/receiver/sql-prompt.ts';
import { tableLines } from '../../src/receiver/sql-table.ts';
import type { SelectPage } from '../../src/replica/replica.ts';

const page = (names: readonly string[], rows: readonly (readonly unknown[])[], truncated = false): SelectPage => ({
  columns: names.map((name) => ({ name, type: 'text' })),
  rows,
  truncated,
});

const prompt = () => {
  const asked: (readonly [string, readonly unknown[]])[] = [];
  const lines: string[] = [];
  const it = createSqlPrompt(
    {
      select: async (sql, params = []) => {
        asked.push([sql, params]);
        return sql === 'wrong' ? err({ type: 'sql-error', message: 'syntax error' }) : ok(page(['n'], [[1]]));
      },
    },
    (line) => lines.push(line),
  );
  return { ...it, asked, lines };
};

describe('the SQL prompt', () => {
  it('asks once a statement has its semicolon, over several lines, and shows the answer', async () => {
    const { line, asked, lines, prompt: shown } = prompt();
    expect(shown()).toBe('sql> ');
    expect(await line('SELECT count(*)')).toBe('more');
    expect(asked).toEqual([]);
    expect(shown()).toBe('  -> ');
    await line('FROM reads;');
    expect(asked).toEqual([['SELECT count(*)\nFROM reads', []]]);
    expect(lines).toEqual(['n', '-', '1', '(1 row)']);
    expect(shown()).toBe('sql> ');
  });

  it('tells what is wrong and goes on', async () => {
    const { line, lines } = prompt();
    await line('wrong;');
    expect(lines).toEqual(['error: syntax error']);
    await line(';');
    await line('x'.repeat(100_001));
    expect(lines.at(-1)).toMatch(/^error: expected a statement of at most/);
    await line('SELECT 1;');
    expect(lines.at(-1)).toBe('(1 row)');
  });

  it('lists tables and their columns, explains itself, and ends', async () => {
    const { line, asked, lines } = prompt();
    await line('\\d Reads');
    expect(asked[0]?.[1]).toEqual(['reads']);
    await line('\\?');
    expect(lines.join('\n')).toContain('\\q');
    expect(await line('\\q')).toBe('end');
  });
});

describe('a table for a terminal', () => {
  it('aligns columns, numbers to the right, and says where it was cut', () => {
    const rows = [
      ['Ada', 12, null],
      ['Benjamin', 3, new Uint8Array([0xaa, 0x01])],
    ];
    expect(tableLines(page(['name', 'n', 'raw'], rows, true))).toEqual([
      'name     |  n | raw',
      '---------+----+-------',
      'Ada      | 12 |',
      'Benjamin |  3 | \\xaa01',
      '(first 2 rows; ask for fewer with LIMIT)',
    ]);
  });

  it('shows no character that a terminal would obey', () => {
    const text = tableLines(page(['na\u001bme'], [['\u001b[2J\u202egnp\r\n']])).join('');
    expect(text).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });
});
