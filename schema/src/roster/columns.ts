/** What a column of a list can mean. `name` is a whole name in one cell. */
export const ROSTER_FIELDS = [
  'bib',
  'name',
  'firstName',
  'lastName',
  'club',
  'sex',
  'birthYear',
  'category',
  'chip',
  'race',
] as const;
export type RosterField = (typeof ROSTER_FIELDS)[number];

/** What lists call the columns, in English and German, as `plain` spells it. */
const NAMES: Readonly<Record<RosterField, readonly string[]>> = {
  bib: [
    'bib',
    'bibno',
    'bibnumber',
    'number',
    'no',
    'startnumber',
    'racenumber',
    'startnummer',
    'startnr',
    'stnr',
    'nr',
  ],
  name: ['name', 'fullname', 'participant', 'athlete', 'runner', 'teilnehmer', 'läufer'],
  firstName: ['firstname', 'first', 'givenname', 'forename', 'vorname'],
  lastName: ['lastname', 'last', 'surname', 'familyname', 'nachname', 'familienname', 'zuname'],
  club: ['club', 'team', 'affiliation', 'organisation', 'organization', 'verein', 'mannschaft'],
  sex: ['sex', 'gender', 'geschlecht', 'mw', 'wm'],
  birthYear: [
    'birthyear',
    'yearofbirth',
    'yob',
    'birthdate',
    'dateofbirth',
    'dob',
    'jahrgang',
    'jg',
    'geburtsjahr',
    'geburtsdatum',
  ],
  category: ['category', 'class', 'agegroup', 'division', 'kategorie', 'klasse', 'altersklasse', 'ak'],
  chip: [
    'chip',
    'chipid',
    'chipcode',
    'chipno',
    'chipnumber',
    'tag',
    'tagid',
    'transponder',
    'transponderid',
    'chipnummer',
    'chipnr',
  ],
  race: [
    'race',
    'raceid',
    'racename',
    'distance',
    'event',
    'strecke',
    'lauf',
    'rennen',
    'wettbewerb',
    'bewerb',
    'distanz',
  ],
};

const FIELD_OF: ReadonlyMap<string, RosterField> = new Map(
  ROSTER_FIELDS.flatMap((field) => NAMES[field].map((name): [string, RosterField] => [name, field])),
);

/** Letters and digits of a header in lower case: `Start-Nr.` → `startnr`. */
const plain = (header: string): string => header.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

/** The field of each column, by its index; null: ignored. */
export type Columns = readonly (RosterField | null)[];

/**
 * What each header most likely means. A field is given once: its first column has it, later ones are left
 * out for people to decide about.
 */
export const mapHeaders = (headers: readonly string[]): Columns => {
  const taken = new Set<RosterField>();
  return headers.map((header) => {
    const field = FIELD_OF.get(plain(header)) ?? null;
    if (field === null || taken.has(field)) return null;
    taken.add(field);
    return field;
  });
};

/** Whether a line looks like a header: it has no number, and `bib` or two other known names. */
export const looksLikeHeader = (cells: readonly string[]): boolean => {
  if (cells.some((cell) => /^\d+$/.test(cell.trim()))) return false;
  const known = mapHeaders(cells).filter((field) => field !== null);
  return known.includes('bib') || known.length > 1;
};

/** Why columns cannot be used, or null. */
export const columnsDefect = (columns: Columns, kind: 'participants' | 'chips'): string | null => {
  const known = columns.filter((field): field is RosterField => field !== null);
  const twice = known.find((field, index) => known.indexOf(field) !== index);
  if (twice !== undefined) return `two columns are ${twice}: choose one`;
  if (!known.includes('bib')) return 'no column is bib: the header needs one called bib';
  if (kind === 'chips' && !known.includes('chip')) return 'no column is chip: the header needs one called chip';
  return null;
};
