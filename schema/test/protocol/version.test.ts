import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  DownMessageSchema,
  OLDEST_PROTOCOL_VERSION,
  PROTOCOL_VERSION,
  UpMessageSchema,
} from '../../src/protocol/index.ts';

/** JSON with sorted keys and sets: the same text for the same shape. */
const canonical = (value: unknown, key = ''): string => {
  if (Array.isArray(value)) {
    const items = value.map((item) => canonical(item));
    return `[${(key === 'required' || key === 'enum' ? items.toSorted() : items).join(',')}]`;
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, item]) => `${JSON.stringify(name)}:${canonical(item, name)}`).join(',')}}`;
};

const hashOf = (...schemas: readonly z.ZodType[]): string => {
  const shapes = schemas.map((schema) =>
    z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline' }),
  );
  return createHash('sha256').update(canonical(shapes)).digest('hex').slice(0, 32);
};

/**
 * Shapes of each version that a relay still serves. When the test below fails, the wire has changed: raise
 * PROTOCOL_VERSION with a line in its history and add the new hash. Only a version that never
 * left this repository may have its hash replaced.
 */
const SHAPES: Readonly<Record<number, string>> = {
  1: 'a0f71d3e57d623ac6e9e737ea270ac80',
};

describe('protocol version', () => {
  it('has the shapes that are pinned to it', () => {
    expect(hashOf(UpMessageSchema, DownMessageSchema)).toBe(SHAPES[PROTOCOL_VERSION]);
  });

  it('has a history without gaps from the oldest version served', () => {
    const versions = Object.keys(SHAPES).map(Number);
    const served = Array.from(
      { length: PROTOCOL_VERSION - OLDEST_PROTOCOL_VERSION + 1 },
      (_, index) => OLDEST_PROTOCOL_VERSION + index,
    );
    expect(versions).toEqual(served);
    expect(new Set(Object.values(SHAPES)).size).toBe(versions.length);
  });

  it('changes its hash with a field, a bound or an optionality, not with the order of fields', () => {
    const shape = z.object({ a: z.string().max(5), b: z.number() });
    const other = (schema: z.ZodType): boolean => hashOf(schema) !== hashOf(shape);
    expect(other(z.object({ b: z.number(), a: z.string().max(5) }))).toBe(false);
    expect(other(z.object({ a: z.string().max(6), b: z.number() }))).toBe(true);
    expect(other(z.object({ a: z.string().max(5), b: z.number().optional() }))).toBe(true);
    expect(other(z.object({ a: z.string().max(5), b: z.number(), c: z.null() }))).toBe(true);
  });
});
