import type { HttpReply } from './http.ts';

/** What became of a command, in words for people. */
export type Outcome<T> =
  | { readonly type: 'done'; readonly value: T }
  | { readonly type: 'failed'; readonly message: string };

const failed = (message: string): { readonly type: 'failed'; readonly message: string } => ({
  type: 'failed',
  message,
});

/** What a bad request says of its fields: `{fields: {name: what was expected}}`. */
const fieldText = ({ fields: named }: Readonly<Record<string, unknown>>): string => {
  const fields = Object.entries(typeof named === 'object' && named !== null ? named : {});
  return fields.length === 0 ? '' : ` (${fields.map(([name, value]) => `${name}: ${String(value)}`).join('; ')})`;
};

/** `read` gives null for a body that it does not understand. */
export const outcomeOf = <T>(reply: HttpReply, read: (body: unknown) => T | null): Outcome<T> => {
  switch (reply.type) {
    case 'ok': {
      const value = read(reply.body);
      return value === null
        ? failed('The relay answered in a way this page does not understand: reload the page.')
        : { type: 'done', value };
    }
    case 'refused':
      return failed(`${reply.message}${reply.code === 'BAD_REQUEST' ? fieldText(reply.details) : ''}`);
    case 'unreachable':
      return failed('The relay did not answer, so it may or may not have happened. Look again once connected.');
    case 'not-modified':
      return failed('The relay gave no answer to this command: try again.');
  }
};
