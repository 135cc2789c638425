import type { Place } from '@baton/schema/doc';
import { pairFromKey } from '@baton/schema/reads';
import { type Names, personText, quoted, shownText } from './names.ts';

/** What a place is called: the thing, and which of its parts. */
export interface PlaceWords {
  /** `Race “10 km”`, `Epoch 3 of Finish`, `Bib 17`. */
  readonly thing: string;
  /** `name`; null: the thing itself. */
  readonly field: string | null;
}

const RACE_FIELDS: Readonly<Record<string, string>> = {
  name: 'name',
  startAt: 'gun start',
  points: 'timing points',
  categories: 'categories',
};

const PERSON_FIELDS: Readonly<Record<string, string>> = {
  bib: 'bib',
  firstName: 'first name',
  lastName: 'last name',
  club: 'club',
  sex: 'sex',
  birthYear: 'year of birth',
  category: 'category',
  raceId: 'race',
};

const RULES: Readonly<Record<string, string>> = {
  dedupWindowMs: 'duplicate window',
  minLapMs: 'minimum lap',
  startWindowMs: 'start window',
  rankBy: 'places go by',
};

/** Settings of what is watched, in words; the page's own labels are longer. */
const WATCHED: Readonly<Record<string, readonly [thing: string, field: string]>> = {
  silenceOn: ['Silence alarm', 'switch'],
  silenceQuietMs: ['Silence alarm', 'time without a read'],
  silenceMinExpected: ['Silence alarm', 'people expected'],
  unknownChipsOn: ['Unknown chips alarm', 'switch'],
  unknownChipsPercent: ['Unknown chips alarm', 'share'],
  unknownChipsReads: ['Unknown chips alarm', 'reads looked at'],
  clockOffsetOn: ['Clock alarm', 'switch'],
  clockOffsetMs: ['Clock alarm', 'difference'],
  clockOffsetReads: ['Clock alarm', 'reads looked at'],
  finishWebhookOn: ['Webhook on finish', 'switch'],
  finishWebhookUrl: ['Webhook on finish', 'address'],
};

const watchWords = (key: string): PlaceWords => {
  const [thing, field] = (Object.hasOwn(WATCHED, key) ? WATCHED[key] : undefined) ?? ['Watching', shownText(key)];
  return { thing, field };
};

const textIn = (value: unknown, field: string): string => {
  const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, field) : undefined;
  return typeof found === 'string' ? found : '';
};

const raceThing = (raceId: string, names: Names, value: unknown): string => {
  const name = names.race(raceId) ?? textIn(value, 'name');
  return name === '' ? 'A race that is gone' : `Race ${quoted(name)}`;
};

const itemName = (list: string, raceId: string, item: string, names: Names, value: unknown): string => {
  const known = list === 'points' ? names.point(raceId, item) : names.category(raceId, item);
  const kind = list === 'points' ? 'timing point' : 'category';
  return `${kind} ${quoted(known ?? (textIn(value, 'name') || item))}`;
};

const epochThing = (key: string, names: Names): string => {
  const pair = pairFromKey(key);
  return pair === null ? `Epoch ${shownText(key)}` : `Epoch ${pair.epoch} of ${shownText(names.stream(pair.streamId))}`;
};

const personThing = (participantId: string, names: Names, value: unknown): string => {
  const known = names.person(participantId);
  if (known !== null) return known;
  const bib = textIn(value, 'bib');
  const record = { firstName: textIn(value, 'firstName'), lastName: textIn(value, 'lastName'), bib };
  return bib === '' ? 'Somebody who is gone' : personText(record);
};

const raceWords = ([, raceId = '', field, item]: Place, names: Names, value: unknown): PlaceWords => {
  if (field === undefined) return { thing: raceThing(raceId, names, value), field: null };
  const thing = raceThing(raceId, names, null);
  if (item !== undefined) return { thing, field: itemName(field, raceId, item, names, value) };
  return { thing, field: RACE_FIELDS[field] ?? shownText(field) };
};

/**
 * A place in words.
 *
 * @param value what stands or stood there: a thing that is gone has its name only in that
 */
export const placeWords = (place: Place, names: Names, value: unknown = null): PlaceWords => {
  const [root = '', key = '', field] = place;
  switch (root) {
    case 'races':
      return raceWords(place, names, value);
    case 'epochRaces':
      return { thing: epochThing(key, names), field: 'race' };
    case 'epochNames':
      return { thing: epochThing(key, names), field: 'name' };
    case 'epochOffsets':
      return { thing: epochThing(key, names), field: 'clock correction' };
    case 'streamLabels':
      return { thing: `Stream ${shownText(key)}`, field: 'label' };
    case 'streamPoints':
      return { thing: `Stream ${shownText(names.stream(key))}`, field: 'timing point' };
    case 'forwarderRaces':
      return { thing: `Forwarder ${shownText(key)}`, field: 'race' };
    case 'rules':
      return { thing: 'Rules', field: RULES[key] ?? shownText(key) };
    case 'watch':
      return watchWords(key);
    case 'participants':
      return field === undefined
        ? { thing: personThing(key, names, value), field: null }
        : { thing: personThing(key, names, null), field: PERSON_FIELDS[field] ?? shownText(field) };
    case 'chips':
      return { thing: `Chip ${shownText(key)}`, field: 'holder' };
    case 'corrections':
      return { thing: personThing(key, names, null), field: 'correction' };
    default:
      return { thing: shownText(root), field: shownText(key) };
  }
};

/** `Race “10 km”: name`. */
export const placeTitle = (place: Place, names: Names, value: unknown = null): string => {
  const { thing, field } = placeWords(place, names, value);
  return field === null ? thing : `${thing}: ${field}`;
};
