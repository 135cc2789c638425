import type { Race } from '@baton/schema/doc';
import { RaceId } from '@baton/schema/ids';
import { type ListLook, ROSTER_FIELDS, type RosterField, type RosterFormat } from '@baton/schema/roster';
import type { JSX } from 'preact';
import { Field } from '../../ui/field.tsx';
import { Segments } from '../../ui/segments.tsx';
import type { ImportChoices as Choices } from './import-store.ts';

type Change = (change: Partial<Choices>) => void;

const FORMATS: readonly { readonly value: RosterFormat; readonly label: string }[] = [
  { value: 'ppl', label: 'FinishLynx people (.ppl)' },
  { value: 'bibchip', label: 'Bib-chip list' },
  { value: 'csv', label: 'CSV with a header' },
];

const ENCODING_WORDS: Readonly<Record<ListLook['encoding'], string>> = {
  'utf-8': 'UTF-8',
  'windows-1252': 'Windows-1252',
};

const FIELD_WORDS: Readonly<Record<RosterField, string>> = {
  bib: 'Bib',
  name: 'Whole name',
  firstName: 'First name',
  lastName: 'Last name',
  club: 'Club',
  sex: 'Sex',
  birthYear: 'Year of birth',
  category: 'Category',
  chip: 'Chip',
  race: 'Race',
};

const MODES = [
  { value: 'merge', label: 'Stay as they are' },
  { value: 'replace', label: 'Are removed' },
] as const;

const replaceMeaning = (choices: Choices, races: ReadonlyMap<RaceId, Race>): string => {
  const race = choices.raceId === null ? null : (races.get(choices.raceId)?.name ?? choices.raceId);
  const where = race === null ? 'the whole roster' : race;
  return choices.kind === 'chips'
    ? `Chips of ${where} that are not in the list are taken off.`
    : `Participants of ${where} who are not in the list are removed, with chips and corrections.`;
};

/** What each column of a CSV file means, with what stands in it first. */
const ColumnMapping = (props: {
  readonly look: ListLook;
  readonly columns: Choices['columns'];
  readonly onChange: Change;
}): JSX.Element => {
  const { look, columns } = props;
  const choose = (at: number, text: string): void => {
    const field = ROSTER_FIELDS.find((it) => it === text) ?? null;
    props.onChange({ columns: look.headers.map((_, index) => (index === at ? field : (columns[index] ?? null))) });
  };
  return (
    <fieldset>
      <legend>What the columns mean</legend>
      <ul class="plain column-list compact">
        {look.headers.map((header, at) => (
          <li key={`${at}-${header}`} class="column-item">
            <span class="column-source">
              <strong class="roster-cut">{header.trim() || `Column ${at + 1}`}</strong>
              <span class="roster-cut small muted">
                {look.sample.map((row) => row.cells[at]?.trim() ?? '').find((cell) => cell !== '') ?? '(empty)'}
              </span>
            </span>
            <select
              aria-label={`Meaning of column ${at + 1}, ${header.trim() || 'without a name'}`}
              value={columns[at] ?? ''}
              onChange={(event) => choose(at, event.currentTarget.value)}
            >
              <option value="">Left out</option>
              {ROSTER_FIELDS.map((field) => (
                <option key={field} value={field}>
                  {FIELD_WORDS[field]}
                </option>
              ))}
            </select>
          </li>
        ))}
      </ul>
    </fieldset>
  );
};

/** How a list is read and where it goes; each choice shows anew what would happen. */
export const ImportChoices = (props: {
  readonly look: ListLook;
  readonly choices: Choices;
  readonly races: ReadonlyMap<RaceId, Race>;
  readonly onChange: Change;
}): JSX.Element => {
  const { look, choices, races, onChange } = props;
  return (
    <div class="stack">
      <div class="form-grid">
        <Field id="import-format" label="Format" hint={`Written in ${ENCODING_WORDS[look.encoding]}.`}>
          <select
            id="import-format"
            aria-describedby="import-format-help"
            value={choices.format}
            onChange={({ currentTarget: { value } }) =>
              onChange({ format: FORMATS.find((it) => it.value === value)?.value ?? 'csv' })
            }
          >
            {FORMATS.map((it) => (
              <option key={it.value} value={it.value}>
                {it.label}
              </option>
            ))}
          </select>
        </Field>
        <Field id="import-race" label="Race" hint="Of the rows that name none themselves.">
          <select
            id="import-race"
            aria-describedby="import-race-help"
            value={choices.raceId ?? ''}
            onChange={({ currentTarget: { value } }) => onChange({ raceId: value === '' ? null : RaceId.parse(value) })}
          >
            <option value="">None: found by bib in any race</option>
            {[...races.values()].map((race) => (
              <option key={race.raceId} value={race.raceId}>
                {race.name}
              </option>
            ))}
          </select>
        </Field>
      </div>
      <div class="stack-tight">
        <Segments
          name="import-mode"
          legend={choices.kind === 'chips' ? 'Chips that are not in the list' : 'Participants who are not in the list'}
          choices={MODES}
          value={choices.mode}
          onChange={(mode) => onChange({ mode })}
        />
        {choices.mode === 'merge' ? null : <p class="small">{replaceMeaning(choices, races)}</p>}
      </div>
      {look.headers.length > 0 && choices.format === 'csv' ? (
        <ColumnMapping look={look} columns={choices.columns} onChange={onChange} />
      ) : null}
    </div>
  );
};
