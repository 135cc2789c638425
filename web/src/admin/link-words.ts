import type { Lacking, LinkBody, LinkedEvent, LinkFailure } from '@baton/schema/http';
import type { Tone } from '../ui/pill.tsx';
import { plural } from '../ui/time-text.ts';

interface Mark {
  readonly tone: Tone;
  readonly text: string;
}

const STATES: Readonly<Record<string, Mark>> = {
  connected: { tone: 'ok', text: 'Connected' },
  away: { tone: 'warn', text: 'Away' },
  refused: { tone: 'bad', text: 'Refused' },
  ended: { tone: 'neutral', text: 'Linked no more' },
};

/** Why there is no event, and its cause is told below. */
const FAILURES: Readonly<Record<string, { readonly mark: Mark; readonly title: string }>> = {
  away: { mark: { tone: 'warn', text: 'Not reached' }, title: 'It was not reached yet' },
  refused: { mark: { tone: 'bad', text: 'Refused' }, title: 'It refuses this relay' },
};

const NO_EVENT: Mark = { tone: 'warn', text: 'No event yet' };

export const failureTitle = ({ kind }: LinkFailure): string => FAILURES[kind]?.title ?? 'It gives no events';

/** A state of a later relay is shown as it is. */
export const stateMark = (state: string): Mark => STATES[state] ?? { tone: 'neutral', text: state };

/** The worst of all events speaks for the link. */
const WORST_FIRST: readonly Tone[] = ['bad', 'warn', 'neutral', 'ok'];

/** @param isCurrent an answer that is not new says nothing about now */
export const linkMark = ({ events, failure }: Pick<LinkBody, 'events' | 'failure'>, isCurrent: boolean): Mark => {
  if (!isCurrent) return { tone: 'warn', text: 'Not known' };
  if (events.some(({ conflicts }) => conflicts > 0)) return { tone: 'bad', text: 'Relays differ' };
  const marks = events.filter(({ state }) => state !== 'ended').map(({ state }) => stateMark(state));
  const worst = WORST_FIRST.flatMap((tone) => marks.find((it) => it.tone === tone) ?? []);
  return worst[0] ?? FAILURES[failure?.kind ?? '']?.mark ?? NO_EVENT;
};

const lackText = (count: number | null, of: (count: number) => string): string => {
  if (count === null) return 'not known';
  return count === 0 ? 'nothing' : of(count);
};

const reads = (count: number): string => plural(count, 'read');
const documents = (count: number): string => plural(count, 'document');

/** What one relay lacks of the other: reads, and documents where their state is known. */
export const lackingText = (
  { missingReads, unsavedDocuments }: Pick<LinkedEvent, 'missingReads' | 'unsavedDocuments'>,
  at: keyof Lacking,
): string => {
  const text = lackText(missingReads[at], reads);
  const unsaved = unsavedDocuments[at] ?? 0;
  if (unsaved === 0) return text;
  return text === 'nothing' ? documents(unsaved) : `${text}, ${documents(unsaved)}`;
};
