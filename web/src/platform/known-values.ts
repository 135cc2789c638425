import type { KeyValue } from './key-value.ts';
import { type Live, WAITING } from './live.ts';

/**
 * What the relay last said, kept on the device with its age, so that a page that opens without the relay shows what
 * was known instead of nothing. Never a secret: only answers that a page asks for again and again.
 */
export interface KnownValues {
  /** The last answer about `name`, in its shape, or nothing known. */
  readonly recall: <T>(name: string, decode: (body: unknown) => T | null) => Live<T>;
  /** Keeps an answer's body, true at `at`; at most one in ten seconds is written for a name. */
  readonly keep: (name: string, body: unknown, at: number) => void;
  /** Forgets everything, as on signing out. */
  readonly forget: () => void;
}

/** One answer's longest text; an event of hundreds of streams has a tenth. */
const MAX_CHARS = 128 * 1024;
/** Names kept, the oldest forgotten first: events come and go, and all of it stays far below what a browser gives. */
const MAX_NAMES = 12;
const WRITE_EVERY_MS = 10_000;

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
};

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;

/** `prefix` is the page's own: what it keeps under it is wiped when somebody signs out. */
export const createKnownValues = (storage: KeyValue, prefix: string): KnownValues => {
  const index = `${prefix}.known`;
  const keyOf = (name: string): string => `${index}.${name}`;
  const written = new Map<string, number>();

  const names = (): readonly string[] => {
    const list = parsed(storage.get(index) ?? '[]');
    return Array.isArray(list) ? list.filter((it): it is string => typeof it === 'string').slice(0, MAX_NAMES) : [];
  };

  const enlist = (name: string): void => {
    const known = names();
    if (known.includes(name)) return;
    const [stay, gone] = [known.slice(-(MAX_NAMES - 1)), known.slice(0, -(MAX_NAMES - 1))];
    for (const it of gone) storage.remove(keyOf(it));
    storage.set(index, JSON.stringify([...stay, name]));
  };

  return {
    recall: (name, decode) => {
      const kept = parsed(storage.get(keyOf(name)) ?? 'null');
      const [value, at] = [decode(field(kept, 'body')), field(kept, 'at')];
      return value === null || typeof at !== 'number' ? WAITING : { value, confirmedAt: at, problem: null };
    },
    keep: (name, body, at) => {
      if (Math.abs(at - (written.get(name) ?? Number.NEGATIVE_INFINITY)) < WRITE_EVERY_MS) return;
      const text = JSON.stringify({ at, body });
      if (text.length > MAX_CHARS) return;
      written.set(name, at);
      enlist(name);
      storage.set(keyOf(name), text);
    },
    forget: () => {
      for (const name of names()) storage.remove(keyOf(name));
      storage.remove(index);
      written.clear();
    },
  };
};
