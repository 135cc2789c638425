import type { Sex } from '@baton/schema/doc';
import type { JSX } from 'preact';
import { type Parsed, ParsedField, parsedOr } from '../ui/parsed-field.tsx';
import { AGE_EXPECTED, parseAge, SEX_WORDS, SEXES } from './category-edit.ts';

/** For whom a category is; the empty choice is everybody. */
export const SexSelect = (props: {
  readonly id: string;
  readonly label: string;
  readonly value: Sex | null;
  readonly onChange: (sex: Sex | null) => void;
}): JSX.Element => (
  <div class="field">
    <label class="visually-hidden" for={props.id}>
      {props.label}
    </label>
    <select
      id={props.id}
      value={props.value ?? ''}
      onChange={(event) => props.onChange(SEXES.find((it) => it === event.currentTarget.value) ?? null)}
    >
      <option value="">Any sex</option>
      {SEXES.map((sex) => (
        <option key={sex} value={sex}>
          {SEX_WORDS[sex]}
        </option>
      ))}
    </select>
  </div>
);

const parseBound = (text: string): Parsed<number | null> => {
  const age = parseAge(text);
  return age === null ? { type: 'value', value: null } : parsedOr<number | null>(age, `expected ${AGE_EXPECTED}`);
};

/** An age, inclusive; empty: no bound. */
export const AgeField = (props: {
  readonly id: string;
  readonly label: string;
  readonly placeholder: string;
  readonly value: number | null;
  readonly onChange: (age: number | null) => void;
}): JSX.Element => (
  <ParsedField
    id={props.id}
    label={props.label}
    hideLabel
    inputMode="numeric"
    placeholder={props.placeholder}
    text={props.value === null ? '' : String(props.value)}
    parse={parseBound}
    onCommit={props.onChange}
  />
);
