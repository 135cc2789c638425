/**
 * The outside world as the narrowest interfaces that work. Composition roots hand
 * in the real ones, tests their own; nothing else in Baton reaches for the ambient
 * clock, timers or randomness.
 */

/** Wall clock, in milliseconds since the Unix epoch, for showing and stamping; never for order. */
export interface Clock {
  readonly now: () => number;
}

/** A timer that was set; `clear` is idempotent. */
export interface Timer {
  readonly clear: () => void;
}

/** Monotonic timers, in milliseconds. */
export interface Timers {
  readonly after: (ms: number, run: () => void) => Timer;
  readonly every: (ms: number, run: () => void) => Timer;
  /** Milliseconds from an arbitrary start, never going back. */
  readonly mono: () => number;
}

/** Numbers in [0, 1). */
export interface Random {
  readonly next: () => number;
}

/** Fresh ids; real ones come from `crypto.randomUUID`. */
export interface Ids {
  readonly uuid: () => string;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Values of a structured log line; strings are cut by the writer, so that no peer can flood the log. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

export interface Log {
  readonly debug: (message: string, fields?: LogFields) => void;
  readonly info: (message: string, fields?: LogFields) => void;
  readonly warn: (message: string, fields?: LogFields) => void;
  readonly error: (message: string, fields?: LogFields) => void;
}

const LEVELS: Readonly<Record<LogLevel, number>> = { debug: 10, info: 20, warn: 30, error: 40 };
const MAX_VALUE = 512;

/**
 * A log that writes one JSON object a line: `time` (ISO), `level`, `msg`, then the fields.
 * JSON escapes control characters, so a hostile name cannot forge a line or drive a terminal.
 */
export const createJsonLog = (
  deps: { readonly clock: Clock; readonly write: (line: string) => void },
  minimum: LogLevel = 'info',
): Log => {
  const at =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}): void => {
      if (LEVELS[level] < LEVELS[minimum]) return;
      const line: Record<string, unknown> = {
        time: new Date(deps.clock.now()).toISOString(),
        level,
        msg: message.slice(0, MAX_VALUE),
      };
      for (const [key, value] of Object.entries(fields)) {
        if (value !== undefined) line[key] = typeof value === 'string' ? value.slice(0, MAX_VALUE) : value;
      }
      deps.write(`${JSON.stringify(line)}\n`);
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
};

/** A log that says nothing; for pure tests. */
export const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
