import type { Setup } from '@baton/schema/doc';
import { type EventBody, EventDate, type PatchEvent, Timezone } from '@baton/schema/http';
import { hasZone, startFields } from './start-time.ts';

/** An event as its form holds it; the place is empty where there is none. */
export interface EventDraft {
  readonly title: string;
  readonly date: string;
  readonly timezone: string;
  readonly location: string;
}

export type DraftProblems = Partial<Readonly<Record<keyof EventDraft, string>>>;

const MAX_TEXT = 200;

export const draftOf = ({ title, date, timezone, location }: EventBody): EventDraft => ({
  title,
  date,
  timezone,
  location: location ?? '',
});

const trimmed = (draft: EventDraft): EventDraft => ({
  title: draft.title.trim(),
  date: draft.date.trim(),
  timezone: draft.timezone.trim(),
  location: draft.location.trim(),
});

/** What each field should have been; nothing where all are well. */
export const draftProblems = (given: EventDraft): DraftProblems => {
  const draft = trimmed(given);
  const titled = draft.title !== '' && draft.title.length <= MAX_TEXT;
  return {
    ...(titled ? {} : { title: `Expected a title of at most ${MAX_TEXT} characters.` }),
    ...(EventDate.safeParse(draft.date).success ? {} : { date: 'Expected a day, such as 2026-05-17.' }),
    ...(draft.timezone !== '' && Timezone.safeParse(draft.timezone).success
      ? {}
      : { timezone: 'Expected a time zone by its name, such as Europe/Paris.' }),
    ...(draft.location.length <= MAX_TEXT ? {} : { location: `Expected at most ${MAX_TEXT} characters.` }),
  };
};

export const hasProblem = (problems: DraftProblems): boolean => Object.keys(problems).length > 0;

/** What an event that does not exist yet is created with. */
export const createBody = (given: EventDraft) => {
  const { location, ...rest } = trimmed(given);
  return { ...rest, ...(location === '' ? {} : { location }) };
};

/** Only what differs: another operator may be changing the rest. */
export const changesOf = (event: EventBody, given: EventDraft): PatchEvent => {
  const draft = trimmed(given);
  const location = draft.location === '' ? null : draft.location;
  return {
    ...(draft.title === event.title ? {} : { title: draft.title }),
    ...(draft.date === event.date ? {} : { date: draft.date }),
    ...(draft.timezone === event.timezone ? {} : { timezone: draft.timezone }),
    ...(location === event.location ? {} : { location }),
  };
};

const named = (names: readonly string[]): string => names.join(', ');

/** What the changes mean for the races, before they are saved. */
export const changeNotes = (changes: PatchEvent, setup: Setup, event: EventBody): readonly string[] => {
  const started = [...setup.races.values()].filter((it) => it.startAt !== null);
  const notes: string[] = [];
  const onTheWall = started.filter((it) => !hasZone(it.startAt));
  if (changes.timezone !== undefined && onTheWall.length > 0) {
    notes.push(`Starts keep their time of day, now in ${changes.timezone}: ${named(onTheWall.map((it) => it.name))}.`);
  }
  const elsewhere = started.filter((it) => startFields(it.startAt, event.timezone)?.day !== changes.date);
  if (changes.date !== undefined && elsewhere.length > 0) {
    notes.push(`Starts keep their day, which is another one: ${named(elsewhere.map((it) => it.name))}.`);
  }
  return notes;
};
