import type { HttpReply } from './http.ts';

/**
 * Something of the relay that a page follows: the last value known, when the relay last confirmed
 * it, and what is wrong now, if anything. A problem never takes the value away: old but labelled
 * beats empty.
 */
export interface Live<T> {
  readonly value: T | null;
  /** By the device's clock, in ms since the Unix epoch; null before the first answer. */
  readonly confirmedAt: number | null;
  readonly problem: LiveProblem | null;
}

export type LiveProblem =
  | { readonly type: 'unreachable' }
  | { readonly type: 'refused'; readonly status: number; readonly code: string; readonly message: string }
  /** The relay and this page are of versions that do not understand each other. */
  | { readonly type: 'unreadable' };

export const WAITING: Live<never> = { value: null, confirmedAt: null, problem: null };

/** What an answer makes of what was known; `decode` gives null for a body that it does not understand. */
export const afterReply = <T>(
  before: Live<T>,
  reply: HttpReply,
  decode: (body: unknown) => T | null,
  now: number,
): Live<T> => {
  switch (reply.type) {
    case 'not-modified':
      return { value: before.value, confirmedAt: now, problem: null };
    case 'ok': {
      const value = decode(reply.body);
      return value === null
        ? { ...before, problem: { type: 'unreadable' } }
        : { value, confirmedAt: now, problem: null };
    }
    case 'refused': {
      const { status, code, message } = reply;
      return { ...before, problem: { type: 'refused', status, code, message } };
    }
    case 'unreachable':
      return { ...before, problem: { type: 'unreachable' } };
  }
};
