import { type Change, EMPTY_SETUP, type Participant, participantName, type Setup } from '@baton/schema/doc';

/** What ids are called; null: there is no such thing any more. */
export interface Names {
  readonly race: (raceId: string) => string | null;
  /** A stream without a label goes by its id. */
  readonly stream: (streamId: string) => string;
  /** A point's name in one race, or in the first that has it. */
  readonly point: (raceId: string | null, pointId: string) => string | null;
  readonly category: (raceId: string | null, categoryId: string) => string | null;
  readonly person: (participantId: string) => string | null;
}

/** Others wrote it: marks that would turn the text around, and control characters, are shown as such. */
export const shownText = (text: string, max = 200): string => {
  const plain = text.replace(/[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '�');
  return plain.length > max ? `${plain.slice(0, max)}…` : plain;
};

export const quoted = (text: string): string => `“${shownText(text)}”`;

/** `Ada Lovelace, bib 17`. */
export const personText = (person: Pick<Participant, 'firstName' | 'lastName' | 'bib'>): string => {
  const name = shownText(participantName(person));
  return name === '' ? `Bib ${shownText(person.bib)}` : `${name}, bib ${shownText(person.bib)}`;
};

const get = <V>(map: ReadonlyMap<string, V>, key: string): V | undefined => map.get(key);

export const createNames = (
  setup: Setup = EMPTY_SETUP,
  personAt: (participantId: string) => Participant | null = () => null,
): Names => {
  const races = [...setup.races.values()];
  const racesOf = (raceId: string | null) => races.filter((it) => raceId === null || it.raceId === raceId);
  return {
    race: (raceId) => get(setup.races, raceId)?.name ?? null,
    stream: (streamId) => get(setup.streamLabels, streamId) ?? streamId,
    point: (raceId, pointId) =>
      racesOf(raceId)
        .flatMap(({ points }) => points)
        .find((it) => it.pointId === pointId)?.name ?? null,
    category: (raceId, categoryId) =>
      racesOf(raceId)
        .flatMap(({ categories }) => categories)
        .find((it) => it.categoryId === categoryId)?.name ?? null,
    person: (participantId) => {
      const person = personAt(participantId);
      return person === null ? null : personText(person);
    },
  };
};

const textIn = (value: object, field: string): string => {
  const found: unknown = Reflect.get(value, field);
  return typeof found === 'string' ? found : '';
};

const personOfRecord = (record: object): string =>
  personText({
    firstName: textIn(record, 'firstName'),
    lastName: textIn(record, 'lastName'),
    bib: textIn(record, 'bib'),
  });

/** What a race or a participant was called that is gone now: by what these changes say of it. */
export const withGone = (names: Names, changes: Iterable<Change>): Names => {
  const races = new Map<string, string>();
  const people = new Map<string, string>();
  for (const { place, before, after } of changes) {
    const [root, id = '', ...inside] = place;
    const value = after ?? before;
    if (inside.length > 0 || typeof value !== 'object' || value === null) continue;
    if (root === 'races') races.set(id, races.get(id) ?? textIn(value, 'name'));
    if (root === 'participants') people.set(id, people.get(id) ?? personOfRecord(value));
  }
  return {
    ...names,
    race: (raceId) => names.race(raceId) ?? (races.get(raceId) || null),
    person: (participantId) => names.person(participantId) ?? people.get(participantId) ?? null,
  };
};
