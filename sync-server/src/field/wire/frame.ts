import type { z } from 'zod';

interface Tagged {
  readonly kind: string;
}

/** Schemas of the messages a route takes, by their kind. */
export type MessageSchemas<M extends Tagged> = {
  readonly [K in M['kind']]: z.ZodType<Extract<M, { readonly kind: K }>>;
};

/**
 * - `unknown`: a kind that this route does not have; a later version of the peer may say it, and it is passed over (P26)
 * - `malformed`: not JSON, without a kind, or a known kind of another shape
 */
export type ParsedFrame<M> =
  | { readonly type: 'message'; readonly message: M }
  | { readonly type: 'unknown'; readonly kind: string }
  | { readonly type: 'malformed'; readonly message: string };

const malformed = (message: string): ParsedFrame<never> => ({ type: 'malformed', message });

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const kindOf = (json: unknown): string | null => {
  if (typeof json !== 'object' || json === null || !('kind' in json)) return null;
  return typeof json.kind === 'string' ? json.kind : null;
};

const firstIssue = (error: z.ZodError): string => {
  const [issue] = error.issues;
  return issue === undefined ? 'unexpected shape' : `${issue.path.join('.') || '(message)'}: ${issue.message}`;
};

/** Parses a frame once, at the edge. */
export const parseFrame = <M extends Tagged>(
  schemas: MessageSchemas<M>,
  frame: string | Uint8Array,
): ParsedFrame<M> => {
  if (typeof frame !== 'string') return malformed('expected a JSON text frame, got a binary one');
  const json = parseJson(frame);
  const kind = kindOf(json);
  if (kind === null) return malformed('expected a JSON object with a kind');
  if (!Object.hasOwn(schemas, kind)) return { type: 'unknown', kind };
  const parsed = schemas[kind as M['kind']].safeParse(json);
  return parsed.success ? { type: 'message', message: parsed.data } : malformed(`${kind}: ${firstIssue(parsed.error)}`);
};
