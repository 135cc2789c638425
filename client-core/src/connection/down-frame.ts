import {
  type DownMessage,
  DownMessageSchema,
  decodeReads,
  type ReadsFrame,
  WarningSchema,
} from '@baton/schema/protocol';

/** One frame from the relay, judged once; what comes after may trust it. */
export type DownFrame =
  | { readonly type: 'message'; readonly message: DownMessage }
  | { readonly type: 'reads'; readonly frame: ReadsFrame }
  /** A message of a later version: to be ignored, never fatal. */
  | { readonly type: 'unknown'; readonly messageType: string }
  | { readonly type: 'malformed'; readonly message: string };

const KNOWN: ReadonlySet<string> = new Set(DownMessageSchema.options.map((option) => option.shape.type.value));

const malformed = (message: string): DownFrame => ({ type: 'malformed', message });

const typeOf = (json: unknown): string | null =>
  typeof json === 'object' && json !== null && 'type' in json && typeof json.type === 'string' ? json.type : null;

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // not JSON: reported as a message without a type
  }
};

const KNOWN_WARNINGS: ReadonlySet<string> = new Set(WarningSchema.options.map((option) => option.shape.type.value));

/** Warnings tell, and nothing hangs on them: one of a later version is left out instead of breaking the session. */
const withoutUnknownWarnings = (json: unknown): unknown => {
  if (typeof json !== 'object' || json === null || !('warnings' in json) || !Array.isArray(json.warnings)) return json;
  return { ...json, warnings: json.warnings.filter((it: unknown) => KNOWN_WARNINGS.has(typeOf(it) ?? '')) };
};

const parseText = (text: string): DownFrame => {
  const json = parseJson(text);
  const messageType = typeOf(json);
  if (messageType === null) return malformed('expected a JSON object with a type');
  if (!KNOWN.has(messageType)) return { type: 'unknown', messageType: messageType.slice(0, 64) };
  const parsed = DownMessageSchema.safeParse(withoutUnknownWarnings(json));
  if (parsed.success) return { type: 'message', message: parsed.data };
  const issue = parsed.error.issues[0];
  return malformed(`${messageType}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? 'does not parse'}`);
};

const parseBytes = (bytes: Uint8Array): DownFrame => {
  const decoded = decodeReads(bytes);
  if (decoded.ok) return { type: 'reads', frame: decoded.value };
  const { type, message } = decoded.error;
  return type === 'unknown-frame' ? { type: 'unknown', messageType: message } : malformed(message);
};

/** Text frames are JSON control messages, binary frames are reads. */
export const parseDownFrame = (data: string | Uint8Array): DownFrame =>
  typeof data === 'string' ? parseText(data) : parseBytes(data);
