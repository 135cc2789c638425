import { type Log, silentLog } from '@baton/schema/ports';
import { createVirtualTime } from '@baton/testkit';
import { describe, expect, it } from 'vitest';
import { createRefusalLog } from '../../src/watching/refusals.ts';

const begin = () => {
  const lines: { readonly level: string; readonly [field: string]: unknown }[] = [];
  const at =
    (level: string): Log['info'] =>
    (_message, fields) =>
      lines.push({ level, ...fields });
  const time = createVirtualTime();
  const journal: Log = { ...silentLog, info: at('info'), warn: at('warn') };
  return { lines, time, refused: createRefusalLog({ journal, timers: time.timers }) };
};

describe('the log of refusals', () => {
  it('says what was refused to whom; louder where everybody is hurt', () => {
    const { lines, refused } = begin();
    refused('NOT_FOUND', { requestId: 'r1', nodeId: 'f1' });
    refused('STORAGE_FULL', { requestId: 'r2' });
    refused('4401');
    expect(lines).toEqual([
      { level: 'info', code: 'NOT_FOUND', requestId: 'r1', nodeId: 'f1' },
      { level: 'warn', code: 'STORAGE_FULL', requestId: 'r2' },
      { level: 'info', code: '4401' },
    ]);
  });

  it('is not filled by a peer that is refused all the time, and says how much it left out', () => {
    const { lines, time, refused } = begin();
    for (let at = 0; at < 10_000; at++) refused('NOT_FOUND');
    expect(lines).toHaveLength(100);
    time.advance(1000);
    for (let at = 0; at < 10_000; at++) refused('NOT_FOUND');
    expect(lines).toHaveLength(110);
    expect(lines[100]).toEqual({ level: 'info', code: 'NOT_FOUND', unlogged: 9900 });
    time.advance(3_600_000);
    refused('CONFLICT');
    expect(lines.at(-1)).toEqual({ level: 'info', code: 'CONFLICT', unlogged: 9990 });
    refused('CONFLICT');
    expect(lines.at(-1)).toEqual({ level: 'info', code: 'CONFLICT' });
  });
});
