import { ListedToken } from '@baton/schema/http';
import { describe, expect, it } from 'vitest';
import { endOf, endText, TERMS, termText, useText } from '../../src/ui/token-words.ts';

const HOUR = 3_600_000;
const now = 1_772_870_400_000;

describe('how long an invitation holds', () => {
  it('is from now on, or open', () => {
    expect(endOf('open', now, null)).toBeNull();
    expect(endOf('8h', now, null)).toBe(now + 8 * HOUR);
    expect(endOf('1w', now, null)).toBe(now + 7 * 24 * HOUR);
  });

  it('[P17] is never longer than the access that gives it', () => {
    const limit = now + 10 * HOUR;
    for (const term of TERMS) expect(endOf(term, now, limit)).toBeLessThanOrEqual(limit);
    expect(endOf('8h', now, limit)).toBe(now + 8 * HOUR);
    expect(termText('open', limit, 'UTC')).toContain('With my own access');
    expect(termText('open', null, 'UTC')).toBe('Until it is revoked');
  });
});

const token = (more: object): ListedToken =>
  ListedToken.parse({
    tokenId: 't1',
    role: 'operator',
    eventId: 'e1',
    nodeId: null,
    label: null,
    createdAt: 0,
    expiresAt: null,
    ...more,
  });

describe('the use of a token', () => {
  it('is told as far as it is known; a relay that does not tell knows nothing', () => {
    expect(useText(token({ connections: 2, lastUsedAt: 0 }), now)).toBe('Connected');
    expect(useText(token({ connections: 0, lastUsedAt: now - 90_000 }), now)).toBe('1 min ago');
    expect(useText(token({}), now)).toBe('Not lately');
  });

  it('ends in words', () => {
    expect(endText(null, now, 'UTC')).toBe('until revoked');
    expect(endText(now + 1, now, 'UTC')).toMatch(/^ends /);
    expect(endText(now, now, 'UTC')).toMatch(/^ended /);
  });
});
