import type { Change, Edit, Place, UndoStep } from '@baton/schema/doc';
import { countText } from '../../ui/time-text.ts';
import type { Names } from './names.ts';
import { placeTitle, placeWords } from './place-words.ts';
import { valueWords } from './value-words.ts';

const isWhole = ([root, , ...inside]: Place): boolean =>
  (root === 'races' || root === 'participants') && inside.length === 0;

/** What a change does to a thing that something else is given to. */
const VERBS: Readonly<Record<string, readonly [given: string, taken: string]>> = {
  epochRaces: ['assigned to', 'taken from'],
  forwarderRaces: ['assigned to', 'taken from'],
  streamPoints: ['placed at', 'taken from'],
  chips: ['given to', 'taken from'],
};

const givenWords = (verbs: readonly [string, string], { place, before, after }: Change, names: Names): string => {
  const [given, taken] = verbs;
  if (after === null) return `${taken} ${valueWords(place, before, names)}`;
  const to = `${given} ${valueWords(place, after, names)}`;
  return before === null ? to : `${to}, before: ${valueWords(place, before, names)}`;
};

const fieldWords = (field: string, { place, before, after }: Change, names: Names): string => {
  if (before === null) return `${field} set to ${valueWords(place, after, names)}`;
  if (after === null) return `${field} removed, was ${valueWords(place, before, names)}`;
  return `${field} changed from ${valueWords(place, before, names)} to ${valueWords(place, after, names)}`;
};

const wholeWords = ({ before, after }: Change): string => {
  if (after === null) return 'removed';
  return before === null ? 'added' : 'replaced';
};

/** `Race “10 km”: name changed from “10 km” to “Ten”`. */
export const changeWords = (change: Change, names: Names): string => {
  const { place, before, after } = change;
  const { thing, field } = placeWords(place, names, after ?? before);
  const verbs = VERBS[place[0] ?? ''];
  if (field === null) return `${thing}: ${wholeWords(change)}`;
  return `${thing}: ${verbs === undefined ? fieldWords(field, change, names) : givenWords(verbs, change, names)}`;
};

/** A thing that was added or removed says it for its parts. */
const withoutParts = (changes: readonly Change[]): readonly Change[] => {
  const wholes = new Set(changes.filter(({ place }) => isWhole(place)).map(({ place }) => place.join('\n')));
  return changes.filter(({ place }) => isWhole(place) || !wholes.has(place.slice(0, 2).join('\n')));
};

const NOUNS: Readonly<Record<string, readonly [one: string, many: string]>> = {
  participants: ['person', 'people'],
  'participants/': ['field of people', 'fields of people'],
  chips: ['chip', 'chips'],
  corrections: ['correction', 'corrections'],
  races: ['race', 'races'],
  'races/': ['field of races', 'fields of races'],
  epochRaces: ['epoch', 'epochs'],
};

const doneWords = (changes: readonly Change[]): string => {
  if (changes.every(({ before }) => before === null)) return 'added';
  return changes.every(({ after }) => after === null) ? 'removed' : 'changed';
};

/** `312 people and 312 chips added`. */
const tallyWords = ({ tally, changes }: Edit): string => {
  const parts = [...tally].map(([group, count]) => {
    const [one, many] = NOUNS[group] ?? ['entry', 'entries'];
    return `${countText(count)} ${count === 1 ? one : many}`;
  });
  return `${parts.join(' and ')} ${doneWords(changes)}`;
};

const KIND_WORDS: Readonly<Record<Edit['kind'], string>> = {
  edit: '',
  import: 'Import',
  undo: 'Taken back',
  redo: 'Done again',
  choice: 'Conflict decided',
};

/** An edit in words. */
export interface EditWords {
  /** What kind of edit it was, or how much it changed; empty for a few plain changes. */
  readonly head: string;
  /** Single changes, at most as many as the history keeps. */
  readonly lines: readonly string[];
}

/** More changes than this are told as numbers first. */
const FEW = 8;

export const editWords = (edit: Edit, names: Names): EditWords => {
  const shown = withoutParts(edit.changes);
  const many = edit.kind === 'import' || edit.total > edit.changes.length || shown.length > FEW;
  const head = [KIND_WORDS[edit.kind], many ? tallyWords(edit) : ''].filter((it) => it !== '').join(': ');
  return { head, lines: shown.map((change) => changeWords(change, names)) };
};

/** `Race “10 km”: name`, and how much more. */
export const stepWords = ({ places, total }: UndoStep, names: Names): string => {
  const [first] = places;
  if (first === undefined) return 'your last edit';
  return total > 1 ? `${placeTitle(first, names)} and ${countText(total - 1)} more` : placeTitle(first, names);
};
