import { describe, expect, it } from 'vitest';
import { createJsonLog, type LogLevel } from '../src/ports.ts';

const logTo = (minimum?: LogLevel) => {
  const lines: string[] = [];
  const log = createJsonLog({ clock: { now: () => 0 }, write: (line) => lines.push(line) }, minimum);
  return { log, lines };
};

describe('structured log', () => {
  it('writes one object a line', () => {
    const { log, lines } = logTo();
    log.info('listening', { port: 8787, tls: false, host: undefined });
    expect(lines).toEqual([
      '{"time":"1970-01-01T00:00:00.000Z","level":"info","msg":"listening","port":8787,"tls":false}\n',
    ]);
  });

  it('says nothing below its level', () => {
    const { log, lines } = logTo('warn');
    log.debug('a');
    log.info('b');
    log.warn('c');
    log.error('d');
    expect(lines).toHaveLength(2);
  });

  it('lets no value forge a line, drive a terminal or flood', () => {
    const { log, lines } = logTo();
    log.info('x\n{"level":"error"}', { name: '\u001b[31m\r\n', long: 'x'.repeat(10_000) });
    expect(lines[0]?.indexOf('\n')).toBe((lines[0]?.length ?? 0) - 1);
    expect(lines[0]).not.toContain('\u001b');
    expect(lines[0]?.length).toBeLessThan(1000);
  });
});
