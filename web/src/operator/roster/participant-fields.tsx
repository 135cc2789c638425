import type { ParticipantField, Race } from '@baton/schema/doc';
import type { RaceId } from '@baton/schema/ids';
import type { JSX } from 'preact';
import { Field } from '../../ui/field.tsx';
import { byAgeAndSex } from './category-words.ts';
import { fieldText, type ParticipantDraft, type ParticipantValues } from './participant-draft.ts';

export interface FieldsProps {
  readonly now: ParticipantValues;
  readonly draft: ParticipantDraft;
  readonly errors: Readonly<Partial<Record<ParticipantField, string>>>;
  readonly races: ReadonlyMap<RaceId, Race>;
  readonly date: string | null;
  readonly onInput: (field: ParticipantField, text: string) => void;
}

const idOf = (field: ParticipantField): string => `participant-${field}`;

const textOf = ({ now, draft }: FieldsProps, field: ParticipantField): string => draft[field] ?? fieldText(now[field]);

const TextField = (props: {
  readonly fields: FieldsProps;
  readonly field: ParticipantField;
  readonly label: string;
  readonly inputMode?: 'numeric' | 'text';
}): JSX.Element => {
  const { fields, field } = props;
  const error = fields.errors[field] ?? null;
  return (
    <Field id={idOf(field)} label={props.label} error={error}>
      <input
        id={idOf(field)}
        value={textOf(fields, field)}
        inputMode={props.inputMode ?? 'text'}
        maxLength={200}
        autocomplete="off"
        spellcheck={false}
        aria-invalid={error === null ? undefined : 'true'}
        aria-describedby={error === null ? undefined : `${idOf(field)}-help`}
        onInput={(event) => fields.onInput(field, event.currentTarget.value)}
      />
    </Field>
  );
};

interface Option {
  readonly value: string;
  readonly label: string;
}

const SelectField = (props: {
  readonly fields: FieldsProps;
  readonly field: ParticipantField;
  readonly label: string;
  readonly hint?: string;
  readonly options: readonly Option[];
}): JSX.Element => {
  const { fields, field, options } = props;
  const value = textOf(fields, field);
  const error = fields.errors[field] ?? null;
  const isListed = options.some((it) => it.value === value);
  const hint = props.hint === undefined ? {} : { hint: props.hint };
  return (
    <Field id={idOf(field)} label={props.label} error={error} {...hint}>
      <select
        id={idOf(field)}
        value={value}
        aria-describedby={error === null && props.hint === undefined ? undefined : `${idOf(field)}-help`}
        onChange={(event) => fields.onInput(field, event.currentTarget.value)}
      >
        {options.map((it) => (
          <option key={it.value} value={it.value}>
            {it.label}
          </option>
        ))}
        {isListed ? null : <option value={value}>{value} (unknown)</option>}
      </select>
    </Field>
  );
};

const SEXES: readonly Option[] = [
  { value: '', label: 'Not given' },
  { value: 'F', label: 'F' },
  { value: 'M', label: 'M' },
  { value: 'X', label: 'X' },
];

/** What age and sex give with the fields as they stand. */
const automatic = (fields: FieldsProps, race: Race | undefined): string => {
  if (race === undefined) return 'By age and sex';
  const sex = (['F', 'M', 'X'] as const).find((it) => it === textOf(fields, 'sex')) ?? null;
  const year = textOf(fields, 'birthYear').trim();
  const birthYear = /^\d{4}$/.test(year) ? Number(year) : null;
  return `By age and sex: ${byAgeAndSex({ sex, birthYear }, race, fields.date) ?? 'none fits'}`;
};

/** The fields of one participant. */
export const ParticipantFields = (fields: FieldsProps): JSX.Element => {
  const races = [...fields.races.values()];
  const race = races.find((it) => it.raceId === textOf(fields, 'raceId'));
  const categories = (race?.categories ?? []).map((it) => ({ value: it.categoryId, label: it.name }));
  return (
    <div class="form-grid">
      <TextField fields={fields} field="bib" label="Bib" />
      <SelectField
        fields={fields}
        field="raceId"
        label="Race"
        options={[
          { value: '', label: 'None: any race the chip is read in' },
          ...races.map((it) => ({ value: it.raceId, label: it.name })),
        ]}
      />
      <TextField fields={fields} field="firstName" label="First name" />
      <TextField fields={fields} field="lastName" label="Last name" />
      <TextField fields={fields} field="club" label="Club" />
      <SelectField fields={fields} field="sex" label="Sex" options={SEXES} />
      <TextField fields={fields} field="birthYear" label="Year of birth" inputMode="numeric" />
      <SelectField
        fields={fields}
        field="category"
        label="Category"
        options={[{ value: '', label: automatic(fields, race) }, ...categories]}
      />
    </div>
  );
};
