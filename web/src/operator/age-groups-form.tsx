import type { Category, Sex } from '@baton/schema/doc';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { Field } from '../ui/field.tsx';
import { plural } from '../ui/time-text.ts';
import { AGE_EXPECTED, type AgeGroups, missingGroups, type NewCategory, parseAge } from './category-edit.ts';

const SEX_CHOICES: readonly { readonly value: string; readonly label: string; readonly sexes: readonly Sex[] }[] = [
  { value: 'FM', label: 'Women and men', sexes: ['F', 'M'] },
  { value: 'FMX', label: 'Women, men and X', sexes: ['F', 'M', 'X'] },
  { value: 'F', label: 'Women', sexes: ['F'] },
  { value: 'M', label: 'Men', sexes: ['M'] },
];

const AgeInput = (props: {
  readonly id: string;
  readonly label: string;
  readonly text: string;
  readonly onText: (text: string) => void;
}): JSX.Element => {
  const isAge = typeof parseAge(props.text) === 'number';
  return (
    <Field id={props.id} label={props.label} error={isAge ? null : `Expected ${AGE_EXPECTED}.`}>
      <input
        id={props.id}
        inputMode="numeric"
        autocomplete="off"
        maxLength={3}
        aria-invalid={isAge ? undefined : 'true'}
        aria-describedby={isAge ? undefined : `${props.id}-help`}
        value={props.text}
        onInput={(event) => props.onText(event.currentTarget.value)}
      />
    </Field>
  );
};

const addedText = (missing: readonly NewCategory[]): string => {
  const [first, last] = [missing[0], missing.at(-1)];
  if (first === undefined || last === undefined) return 'The race has all of these.';
  return missing.length === 1 ? `Adds ${first.name}.` : `Adds ${missing.length}: ${first.name} to ${last.name}.`;
};

/** Age groups of one width for several sexes, added in one edit; those that are there already are left alone. */
export const AgeGroupsForm = (props: {
  readonly id: string;
  readonly categories: readonly Category[];
  readonly onAdd: (groups: AgeGroups) => void;
}): JSX.Element => {
  const { id } = props;
  const who = useSignal('FM');
  const step = useSignal<5 | 10>(10);
  const from = useSignal('20');
  const last = useSignal('70');
  const younger = useSignal(true);
  const [fromAge, lastAge] = [parseAge(from.value), parseAge(last.value)];
  const groups: AgeGroups | null =
    typeof fromAge === 'number' && typeof lastAge === 'number'
      ? {
          sexes: SEX_CHOICES.find((it) => it.value === who.value)?.sexes ?? ['F', 'M'],
          from: fromAge,
          step: step.value,
          last: lastAge,
          younger: younger.value,
        }
      : null;
  const missing = groups === null ? [] : missingGroups(groups, props.categories);
  return (
    <form
      class="stack-tight age-groups"
      aria-label="Standard age groups"
      onSubmit={(event) => {
        event.preventDefault();
        if (groups !== null && missing.length > 0) props.onAdd(groups);
      }}
    >
      <span class="field-label">Standard age groups</span>
      <div class="age-groups-fields compact">
        <Field id={`${id}-who`} label="For">
          <select
            id={`${id}-who`}
            value={who.value}
            onChange={(event) => {
              who.value = event.currentTarget.value;
            }}
          >
            {SEX_CHOICES.map((it) => (
              <option key={it.value} value={it.value}>
                {it.label}
              </option>
            ))}
          </select>
        </Field>
        <Field id={`${id}-step`} label="Width">
          <select
            id={`${id}-step`}
            value={String(step.value)}
            onChange={(event) => {
              step.value = event.currentTarget.value === '5' ? 5 : 10;
            }}
          >
            <option value="5">5 years</option>
            <option value="10">10 years</option>
          </select>
        </Field>
        <AgeInput
          id={`${id}-from`}
          label="First from age"
          text={from.value}
          onText={(text) => {
            from.value = text;
          }}
        />
        <AgeInput
          id={`${id}-last`}
          label="Open from age"
          text={last.value}
          onText={(text) => {
            last.value = text;
          }}
        />
      </div>
      <div class="row">
        <label class="row check">
          <input
            type="checkbox"
            checked={younger.value}
            onChange={(event) => {
              younger.value = event.currentTarget.checked;
            }}
          />
          <span>One group for everybody younger</span>
        </label>
      </div>
      <div class="row">
        <button type="submit" class="button button-small" disabled={missing.length === 0}>
          Add {missing.length === 0 ? 'age groups' : plural(missing.length, 'age group')}
        </button>
        <span class="small muted">{groups === null ? '' : addedText(missing)}</span>
      </div>
    </form>
  );
};
