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
const FAILURES: Readonly<Record<string, { readonly mark: Mark; readonly title: string; readonly cure: string }>> = {
  away: {
    mark: { tone: 'warn', text: 'Not reached' },
    title: 'It was not reached yet',
    cure: 'It is tried again by itself.',
  },
  refused: {
    mark: { tone: 'bad', text: 'Refused' },
    title: 'It refuses this relay',
    cure: 'Start this relay again with a token that is good there.',
  },
};

const NO_EVENT: Mark = { tone: 'warn', text: 'No event yet' };

export const NO_EVENT_TEXT = 'Neither relay has an event yet. One that is made at either comes to the other by itself.';

/** Nothing is wrong, there is only nothing to keep in step; not known before the other relay was heard. */
export const hasNoEvent = ({ events, failure, heardAt }: Pick<LinkBody, 'events' | 'failure' | 'heardAt'>): boolean =>
  events.length === 0 && failure === null && heardAt !== null;

export const failureTone = ({ kind }: LinkFailure): Tone => FAILURES[kind]?.mark.tone ?? 'warn';

export const failureTitle = ({ kind }: LinkFailure): string => FAILURES[kind]?.title ?? 'It gives no events';

/** The cause in the other relay's words, and what helps where it is known. */
export const failureText = ({ kind, cause }: LinkFailure): string => {
  const cure = FAILURES[kind]?.cure;
  return cure === undefined ? cause : `${cause}. ${cure}`;
};

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

const reads = (count: number): string => plural(count, 'read');
const documents = (count: number): string => plural(count, 'document');

/** What one relay lacks of the other: reads, and documents where their state is known. Streams that differ are not counted. */
export const lackingText = (
  { missingReads, unsavedDocuments, conflicts }: Pick<LinkedEvent, 'missingReads' | 'unsavedDocuments' | 'conflicts'>,
  at: keyof Lacking,
): string => {
  const missing = missingReads[at];
  const unsaved = unsavedDocuments[at] ?? 0;
  const parts = [
    ...(missing === null ? ['not known'] : missing === 0 ? [] : [reads(missing)]),
    ...(unsaved === 0 ? [] : [documents(unsaved)]),
  ];
  if (parts.length > 0) return parts.join(', ');
  return conflicts > 0 ? 'nothing else' : 'nothing';
};
