import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ERROR_CODES, ErrorEnvelope, fieldsOf, refusal, refusalToEnvelope } from '../src/errors.ts';

const codes = Object.entries(ERROR_CODES);

describe('error codes', () => {
  it.each(codes)('%s is complete', (code, { status, means, retryable }) => {
    expect(code).toMatch(/^[A-Z]+(?:_[A-Z]+)*$/);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(600);
    expect(means.length).toBeGreaterThan(20);
    // what a client may send again unchanged: a state that passes, never a fault of the request
    if (retryable) expect([409, 429, 500, 503]).toContain(status);
  });

  it.each([
    ['BAD_REQUEST', 400],
    ['INVALID_TRANSITION', 400],
    ['UNAUTHORIZED', 401],
    ['FORBIDDEN', 403],
    ['INGEST_CLOSED', 403],
    ['NOT_FOUND', 404],
    ['CONFLICT', 409],
    ['FORWARDER_OFFLINE', 409],
    ['NODE_ATTACH_CONFLICT', 409],
    ['NODE_REVOKED', 409],
    ['NODE_CAPABILITY_CONFLICT', 409],
    ['VERSION_FLOOR_EXCEEDED', 409],
    ['EVENT_OFFICIAL', 410],
    ['PAYLOAD_TOO_LARGE', 413],
    ['RATE_LIMITED', 429],
    ['INTERNAL_ERROR', 500],
    ['CONNECTION_LIMIT_REACHED', 503],
  ] as const)('%s goes with %i, as the contract says', (code, status) => {
    expect(ERROR_CODES[code].status).toBe(status);
  });

  it('[RN-28] leave as one envelope', () => {
    for (const [code] of codes) {
      const envelope = refusalToEnvelope(refusal(code as keyof typeof ERROR_CODES, 'why', { at: 1 }));
      expect(ErrorEnvelope.parse(envelope)).toEqual(envelope);
    }
    expect(refusalToEnvelope(refusal('GAP', 'why'))).toEqual({ code: 'GAP', message: 'why', retryable: true });
  });

  it('name the fields of a bad request', () => {
    const shape = z.object({
      name: z.string().min(1),
      points: z.array(z.object({ kind: z.enum(['start', 'finish']) })),
    });
    const parsed = shape.safeParse({ name: '', points: [{ kind: 'end' }] });
    expect(Object.keys(parsed.error === undefined ? {} : fieldsOf(parsed.error))).toEqual(['name', 'points.0.kind']);
    const whole = shape.safeParse(null);
    expect(Object.keys(whole.error === undefined ? {} : fieldsOf(whole.error))).toEqual(['(body)']);
  });
});

describe('docs/errors.md', () => {
  const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
  const rows = page.split('\n').flatMap((line) => {
    const [, code, status, again, means, cure] = line.split('|').map((cell) => cell.trim());
    return code?.startsWith('`') ? [{ code: code.slice(1, -1), status, again, means, cure }] : [];
  });

  it('says of every code, in the table’s order, what the table says', () => {
    expect(rows.map(({ cure: _, ...row }) => row)).toEqual(
      codes.map(([code, { status, retryable, means }]) => ({
        code,
        status: `${status}`,
        again: retryable ? 'yes' : 'no',
        means,
      })),
    );
  });

  it('knows what helps', () => {
    for (const { code, cure } of rows) expect(cure, code).toMatch(/.{10}/);
  });
});
