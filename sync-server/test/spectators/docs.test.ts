import { readFileSync } from 'node:fs';
import { EventStatus, TRANSITIONS } from '@baton/schema/http';
import { describe, expect, it } from 'vitest';
import { RELAY_OPTIONS } from '../../src/config.ts';
import { type IngestKind, refusalOfIngest } from '../../src/spectators/ingest-gate.ts';
import { watch } from './feed-fixture.ts';
import { isFull, raceDay } from './race-day.ts';

const page = (name: string): string => readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8');

/** Cells of the rows of a table whose first cell is in backticks. */
const rowsOf = (text: string): readonly (readonly string[])[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

const KINDS: readonly IngestKind[] = ['structure', 'results', 'oncourse'];

describe('docs/spectators.md', () => {
  const rows = rowsOf(page('spectators.md'));

  it('[CN-23] [CN-24] tells of each status what may follow and what it takes, as the relay does', () => {
    for (const status of EventStatus.options) {
      const row = rows.find(([name]) => name === `\`${status}\``);
      const followers = TRANSITIONS[status].map((it) => `\`${it}\``).join(', ');
      const taken = KINDS.filter((kind) => refusalOfIngest(status, kind) === null).join(', ');
      expect([row?.[1], row?.[3]], status).toEqual([followers, taken]);
    }
  });

  it('tells every option of spectators with its default', () => {
    const told = RELAY_OPTIONS.filter(({ name }) => /^(spectator|official|oncourse)-/.test(name));
    expect(told).toHaveLength(6);
    for (const { name, default: preset } of told) {
      expect(rows.find(([cell]) => cell === `\`--${name}\``)?.[1], name).toBe(preset);
    }
  });
});

describe('docs/PROTOCOL.md, section 6', () => {
  const section = page('PROTOCOL.md').split("## 6. Spectators' feed")[1] ?? '';
  const wordsOf = (type: string): readonly string[] =>
    (new RegExp(`^${type} +\\{([^}]*)\\}`, 'm').exec(section)?.[1] ?? '').split(',').map((it) => it.trim());
  const nameOf = (word: string): string => word.replace(/[[\]?]/g, '');
  const fieldsOf = (type: string): readonly string[] => wordsOf(type).map(nameOf);
  /** Without those that are not always there. */
  const alwaysOf = (type: string): readonly string[] =>
    wordsOf(type)
      .filter((word) => !word.endsWith('?'))
      .map(nameOf);

  it('[CN-02] names the fields of the messages as they are sent', async () => {
    const day = await raceDay();
    const spectator = await watch(day, 'run');
    const full = await spectator.until(isFull);
    await day.finish([1, 1_000_000]);
    const diff = await spectator.until(({ type }) => type === 'diff');
    expect(full.type === 'full' && Object.keys(full.data).sort()).toEqual([...alwaysOf('full')].sort());
    expect(fieldsOf('full')).toContain('venue');
    expect(fieldsOf('diff')).toEqual(
      expect.arrayContaining(diff.type === 'diff' ? Object.keys(diff.data) : ['a diff']),
    );
    spectator.socket.close();
    await day.close();
  });
});
