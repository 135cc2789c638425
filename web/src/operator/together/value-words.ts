import type { Place } from '@baton/schema/doc';
import { plural, raceTimeText } from '../../ui/time-text.ts';
import { clockOffsetText } from '../clock-offset.ts';
import { type Names, personText, quoted, shownText } from './names.ts';

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? { ...value } : {});

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Whatever an entry holds that is not of the kind that belongs there. */
const rawText = (value: unknown): string => {
  if (typeof value === 'string') return quoted(value);
  return shownText(JSON.stringify(value) ?? 'nothing');
};

const RANK_WORDS: Readonly<Record<string, string>> = { gun: 'gun time', chip: 'net time' };
const SEX_WORDS: Readonly<Record<string, string>> = { F: 'women', M: 'men', X: 'X' };

const pointText = (value: unknown): string => {
  const { name, kind, order } = fieldsOf(value);
  const place = typeof order === 'number' ? `, position ${Number.isInteger(order) ? order + 1 : order}` : '';
  return `${quoted(text(name))} (${shownText(text(kind))}${place})`;
};

const agesText = ({ ageFrom, ageTo }: Fields): string => {
  if (typeof ageFrom === 'number' && typeof ageTo === 'number') return `${ageFrom}–${ageTo}`;
  if (typeof ageFrom === 'number') return `from ${ageFrom}`;
  return typeof ageTo === 'number' ? `up to ${ageTo}` : '';
};

const categoryText = (value: unknown): string => {
  const fields = fieldsOf(value);
  const limits = [SEX_WORDS[text(fields['sex'])] ?? '', agesText(fields)].filter((it) => it !== '');
  return `${quoted(text(fields['name']))}${limits.length === 0 ? '' : ` (${limits.join(', ')})`}`;
};

const raceText = (value: unknown): string => {
  const { name, points } = fieldsOf(value);
  const count = Object.keys(fieldsOf(points)).length;
  return `${quoted(text(name))}${count === 0 ? '' : ` with ${plural(count, 'timing point')}`}`;
};

/** A whole participant, by its record. */
const recordText = (value: unknown): string => {
  const { firstName, lastName, bib, club } = fieldsOf(value);
  const person = personText({ firstName: text(firstName), lastName: text(lastName), bib: text(bib) });
  return text(club) === '' ? person : `${person}, ${shownText(text(club))}`;
};

const correctionText = (value: unknown): string => {
  const { status, manualMs, reason } = fieldsOf(value);
  const parts = [
    text(status),
    typeof manualMs === 'number' ? `time ${raceTimeText(manualMs)}` : '',
    text(reason) === '' ? '' : quoted(text(reason)),
  ];
  return parts.filter((it) => it !== '').join(', ') || 'no status';
};

const ruleText = (key: string, value: unknown): string => {
  if (key === 'rankBy') return RANK_WORDS[text(value)] ?? rawText(value);
  return typeof value === 'number' ? `${value / 1000} s` : rawText(value);
};

const watchText = (key: string, value: unknown): string => {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return key.endsWith('Ms') && typeof value === 'number' ? `${value / 1000} s` : rawText(value);
};

const raceName = (value: unknown, names: Names): string => {
  const name = typeof value === 'string' ? names.race(value) : null;
  return name === null ? 'a race that is gone' : quoted(name);
};

const raceFieldText = (field: string, item: string | undefined, value: unknown): string => {
  if (item !== undefined) return field === 'points' ? pointText(value) : categoryText(value);
  return field === 'startAt' && typeof value === 'string' ? shownText(value.replace('T', ' ')) : rawText(value);
};

const participantFieldText = (field: string, value: unknown, names: Names): string => {
  if (field === 'raceId') return raceName(value, names);
  if (field === 'category' && typeof value === 'string') return quoted(names.category(null, value) ?? value);
  return value === '' ? 'nothing' : rawText(value);
};

/** An entry's value in words, as text: `“10 km”`, `Ada Lovelace, bib 17`, `5 s`. */
export const valueWords = (place: Place, value: unknown, names: Names): string => {
  const [root = '', key = '', field, item] = place;
  if (value === undefined) return 'a value that is no longer kept';
  if (value === null) return 'nothing';
  switch (root) {
    case 'races':
      return field === undefined ? raceText(value) : raceFieldText(field, item, value);
    case 'epochRaces':
    case 'forwarderRaces':
      return raceName(value, names);
    case 'streamPoints':
      return typeof value === 'string' ? quoted(names.point(null, value) ?? value) : rawText(value);
    case 'epochOffsets':
      return typeof value === 'number' ? clockOffsetText(value) : rawText(value);
    case 'rules':
      return ruleText(key, value);
    case 'watch':
      return watchText(key, value);
    case 'participants':
      return field === undefined ? recordText(value) : participantFieldText(field, value, names);
    case 'chips':
      return typeof value === 'string' ? (names.person(value) ?? 'somebody who is gone') : rawText(value);
    case 'corrections':
      return correctionText(value);
    default:
      return rawText(value);
  }
};
