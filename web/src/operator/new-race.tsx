import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';

/** Asks for a race's name, which is all that it needs to begin with. */
export const NewRace = (props: {
  readonly isTaken: (name: string) => boolean;
  readonly onAdd: (name: string) => void;
}): JSX.Element => {
  const name = useSignal('');
  const taken = name.value.trim() !== '' && props.isTaken(name.value);
  return (
    <form
      class="card card-body row row-end"
      onSubmit={(event) => {
        event.preventDefault();
        const text = name.value.trim();
        if (text !== '') props.onAdd(text);
        name.value = '';
      }}
    >
      <div class="field grow">
        <label for="new-race">New race</label>
        <input
          id="new-race"
          placeholder="e.g. 10 km"
          maxLength={200}
          autocomplete="off"
          aria-describedby={taken ? 'new-race-help' : undefined}
          value={name.value}
          onInput={(event) => {
            name.value = event.currentTarget.value;
          }}
        />
        {taken ? (
          <span id="new-race-help" class="field-hint" role="status">
            There is a race of this name already.
          </span>
        ) : null}
      </div>
      <button type="submit" class="button button-primary">
        Add race
      </button>
    </form>
  );
};
