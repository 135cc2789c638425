import type { Race, Sex } from '@baton/schema/doc';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useFocusLater } from '../ui/focus-later.ts';
import { AGE_EXPECTED, type NewCategory, parseAge } from './category-edit.ts';
import { SexSelect } from './category-fields.tsx';
import { NewName } from './new-name.tsx';
import { MAX_CATEGORIES } from './race-edit.ts';

/** An age of a category that is not there yet: what is typed is read when the form is sent. */
const NewAge = (props: {
  readonly id: string;
  readonly label: string;
  readonly placeholder: string;
  readonly text: string;
  readonly onText: (text: string) => void;
}): JSX.Element => {
  const bad = parseAge(props.text) === undefined;
  return (
    <div class="field">
      <label class="visually-hidden" for={props.id}>
        {props.label}
      </label>
      <input
        id={props.id}
        inputMode="numeric"
        autocomplete="off"
        maxLength={3}
        placeholder={props.placeholder}
        aria-invalid={bad ? 'true' : undefined}
        aria-describedby={bad ? `${props.id}-help` : undefined}
        value={props.text}
        onInput={(event) => props.onText(event.currentTarget.value)}
      />
      {bad ? (
        <span id={`${props.id}-help`} class="field-error" aria-live="polite">
          expected {AGE_EXPECTED}
        </span>
      ) : null}
    </div>
  );
};

/** The line below a race's categories, for one more. */
export const NewCategoryForm = (props: {
  readonly race: Race;
  readonly onAdd: (category: NewCategory) => void;
}): JSX.Element => {
  const { race } = props;
  const [name, from, to] = [useSignal(''), useSignal(''), useSignal('')];
  const sex = useSignal<Sex | null>(null);
  const focusLater = useFocusLater();
  const id = `${race.raceId}-new-category`;
  const add = (): void => {
    const [text, ageFrom, ageTo] = [name.value.trim(), parseAge(from.value), parseAge(to.value)];
    if (text === '' || ageFrom === undefined || ageTo === undefined) return;
    props.onAdd({ name: text, sex: sex.value, ageFrom, ageTo });
    for (const field of [name, from, to]) field.value = '';
    focusLater(id);
  };
  return (
    <form
      class="category-line compact"
      aria-label="New category"
      onSubmit={(event) => {
        event.preventDefault();
        add();
      }}
    >
      <NewName id={id} label="Name of a new category" placeholder="New category, e.g. Juniors" name={name} />
      <SexSelect
        id={`${id}-sex`}
        label="Sex of the new category"
        value={sex.value}
        onChange={(it) => {
          sex.value = it;
        }}
      />
      <NewAge
        id={`${id}-from`}
        label="Youngest age of the new category"
        placeholder="from"
        text={from.value}
        onText={(it) => {
          from.value = it;
        }}
      />
      <NewAge
        id={`${id}-to`}
        label="Oldest age of the new category"
        placeholder="to"
        text={to.value}
        onText={(it) => {
          to.value = it;
        }}
      />
      <button type="submit" class="button button-small" disabled={race.categories.length >= MAX_CATEGORIES}>
        Add
      </button>
    </form>
  );
};
