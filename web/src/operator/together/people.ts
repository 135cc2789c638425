import type { Present } from '@baton/client-core';
import type { Place } from '@baton/schema/doc';
import { shownText } from './names.ts';

/** Somebody who has the event open, in however many tabs. */
export interface Person {
  readonly name: string;
  /** In another tab or on another device; this page is not in the list. */
  readonly isSelf: boolean;
  readonly initials: string;
  /** Parts of the page that they look at. */
  readonly views: readonly string[];
  readonly editing: readonly Place[];
}

/** `Ada Lovelace` → `AL`, `operator` → `OP`. */
export const initialsOf = (name: string): string => {
  const words = name.trim().split(/\s+/u);
  const letters =
    words.length > 1 ? words.slice(0, 2).map((it) => [...it][0] ?? '') : [...(words[0] ?? '')].slice(0, 2);
  return letters.join('').toUpperCase();
};

const NOBODY_SAID = 'Somebody';

const distinct = (texts: readonly (string | null)[]): readonly string[] => [
  ...new Set(texts.filter((it) => it !== null)),
];

/** Pages by person: by name and role, as the relay says them. */
export const peopleOf = (
  others: readonly Present[],
  self: { readonly name: string; readonly role: string },
): readonly Person[] => {
  const pages = new Map<string, Present[]>();
  for (const page of others) {
    const key = page.user === null ? `page ${page.clientId}` : `user ${page.user.role} ${page.user.name}`;
    pages.set(key, [...(pages.get(key) ?? []), page]);
  }
  return [...pages.values()]
    .map((own): Person => {
      const user = own[0]?.user ?? null;
      const name = user === null ? NOBODY_SAID : shownText(user.name, 60);
      return {
        name,
        isSelf: user !== null && user.name === self.name && user.role === self.role,
        initials: initialsOf(name),
        views: distinct(own.map((it) => it.view)),
        editing: own.flatMap((it) => (it.editing === null ? [] : [it.editing])),
      };
    })
    .sort((a, b) => a.name.localeCompare(b.name));
};

const isWithin = (place: Place, at: Place): boolean => at.every((part, index) => place[index] === part);

/** Who else is at a place, or at a part of it. */
export const editorsAt = (people: readonly Person[], at: Place): readonly Person[] =>
  people.filter(({ editing }) => editing.some((place) => isWithin(place, at)));

/** `Ben is editing`, `Ben and Cleo are editing`, `3 people are editing`. */
export const editingWords = (people: readonly Person[]): string => {
  const names = people.map((it) => (it.isSelf ? 'You, elsewhere,' : it.name));
  const [first = '', second] = names;
  if (names.length > 2) return `${names.length} people are editing`;
  if (second !== undefined) return `${first} and ${second} are editing`;
  return first.startsWith('You,') ? `${first} are editing` : `${first} is editing`;
};
