import type { Author, Conflict, Version } from '@baton/schema/doc';
import { dayAndClockText } from '../../ui/time-text.ts';
import { type Names, shownText } from './names.ts';
import { placeTitle, placeWords } from './place-words.ts';
import { valueWords } from './value-words.ts';

/** Who made an edit: programs sign nothing. */
export const authorText = (author: Author | null): string => (author === null ? 'a program' : shownText(author.name));

/** When, by the clock of the device that it was made on. */
export const whenText = (author: Author | null, timezone: string): string =>
  author === null ? 'time unknown' : dayAndClockText(author.at, timezone);

export interface SideWords {
  readonly value: string;
  readonly author: string;
  /** What the button says that chooses it; null: nobody keeps the value any more, so it cannot be chosen. */
  readonly action: string | null;
}

export interface ConflictWords {
  readonly title: string;
  readonly what: string;
  readonly kept: SideWords;
  readonly other: SideWords;
}

const isWhole = ({ place }: Conflict): boolean =>
  place.length === 2 && (place[0] === 'races' || place[0] === 'participants');

const whatWords = (conflict: Conflict): string => {
  const { kept, other, place } = conflict;
  const [standing, apart] = [authorText(kept.author), authorText(other.author)];
  if (isWhole(conflict) && kept.value === null) return `${standing} removed it, ${apart} changed it at the same time.`;
  if (isWhole(conflict)) return `${standing} and ${apart} both added it, each without the other’s.`;
  if (place[0] === 'chips' && kept.value !== null && other.value !== null) return 'One chip was given to two people.';
  if (place[0] === 'epochRaces' && kept.value !== null && other.value !== null) {
    return 'One epoch was assigned to two races.';
  }
  return 'Two changes, neither made in the knowledge of the other.';
};

const sideWords = (conflict: Conflict, side: 'kept' | 'other', names: Names): SideWords => {
  const version: Version = conflict[side];
  const value = version.value === null ? 'Removed' : valueWords(conflict.place, version.value, names);
  const author = authorText(version.author);
  if (version.value === undefined) return { value: 'A value that is no longer kept', author, action: null };
  if (isWhole(conflict) && conflict.kept.value === null) {
    return { value, author, action: side === 'kept' ? 'Leave it removed' : 'Put it back' };
  }
  return { value, author, action: side === 'kept' ? 'Keep this' : 'Use this instead' };
};

/** A conflict in words: what it is about, what happened, and both sides. */
export const conflictWords = (conflict: Conflict, names: Names): ConflictWords => {
  const { place, other, kept } = conflict;
  return {
    title: isWhole(conflict)
      ? placeWords(place, names, kept.value ?? other.value).thing
      : placeTitle(place, names, other.value ?? kept.value),
    what: whatWords(conflict),
    kept: sideWords(conflict, 'kept', names),
    other: sideWords(conflict, 'other', names),
  };
};
