import { EMPTY_SETUP, type Participant, participantName, type Setup } from '@baton/schema/doc';

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
