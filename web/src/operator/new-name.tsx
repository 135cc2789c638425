import type { Signal } from '@preact/signals';
import type { JSX } from 'preact';

/** The name of something that is not there yet: first field of the line below a list. */
export const NewName = (props: {
  readonly id: string;
  readonly label: string;
  readonly placeholder: string;
  readonly name: Signal<string>;
  readonly grow?: boolean;
}): JSX.Element => (
  <div class={props.grow === true ? 'field grow' : 'field'}>
    <label class="visually-hidden" for={props.id}>
      {props.label}
    </label>
    <input
      id={props.id}
      placeholder={props.placeholder}
      maxLength={200}
      autocomplete="off"
      value={props.name.value}
      onInput={(event) => {
        props.name.value = event.currentTarget.value;
      }}
    />
  </div>
);
