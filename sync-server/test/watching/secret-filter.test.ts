import { randomBytes } from 'node:crypto';
import { createJsonLog } from '@baton/schema/ports';
import { describe, expect, it } from 'vitest';
import { hideSecrets } from '../../src/watching/secret-filter.ts';

const recorded = (chosen: readonly string[]) => {
  const lines: string[] = [];
  const log = hideSecrets(createJsonLog({ clock: { now: () => 0 }, write: (line) => lines.push(line) }), chosen);
  return { lines, log };
};

describe('hideSecrets', () => {
  it('[P15] takes tokens out of messages and fields, wherever they stand', () => {
    const { lines, log } = recorded(['correct horse "battery"']);
    const token = randomBytes(32).toString('base64url');
    log.info(`joined with bearer.${token}`, { cause: `Error: ${token} at /e/${token}?x`, count: 3 });
    log.error('failed', { cause: 'it said: correct horse "battery"!', none: null });
    expect(lines.join('')).not.toContain(token);
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { msg: 'joined with bearer.[secret]', cause: 'Error: [secret] at /e/[secret]?x', count: 3 },
      { level: 'error', cause: 'it said: [secret]!', none: null },
    ]);
  });

  it('[P15] before a long value is cut, so that no half of one is left', () => {
    const { lines, log } = recorded([]);
    const token = randomBytes(32).toString('base64url');
    log.info('long', { cause: `${'x '.repeat(250)}${token}` });
    expect(lines.join('')).not.toContain(token.slice(0, 10));
  });

  it('leaves what is no secret: ids, hashes, and words that a chosen secret is too short for', () => {
    const { lines, log } = recorded(['admin']);
    const fields = { id: '0b7a3f0e-6a53-4a5e-9a51-7f1c2f1d9a01', hash: 'ab'.repeat(32), role: 'admin' };
    log.info('kept', fields);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject(fields);
  });
});
