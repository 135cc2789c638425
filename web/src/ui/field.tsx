import type { ComponentChildren, JSX } from 'preact';

/** A labelled control; hint and error are read out with it (the control takes `aria-describedby={id}-help`). */
export const Field = (props: {
  readonly id: string;
  readonly label: string;
  readonly hint?: string;
  readonly error?: string | null;
  readonly children: ComponentChildren;
}): JSX.Element => (
  <div class="field">
    <label for={props.id}>{props.label}</label>
    {props.children}
    {props.hint !== undefined || typeof props.error === 'string' ? (
      <span id={`${props.id}-help`} class={typeof props.error === 'string' ? 'field-error' : 'field-hint'}>
        {props.error ?? props.hint}
      </span>
    ) : null}
  </div>
);

export interface Choice<T extends string> {
  readonly value: T;
  readonly label: string;
}

/** One of a few, side by side; radio buttons underneath. */
export const Segments = <T extends string>(props: {
  readonly name: string;
  readonly legend: string;
  readonly hideLegend?: boolean;
  readonly choices: readonly Choice<T>[];
  readonly value: T;
  readonly onChange: (value: T) => void;
}): JSX.Element => (
  <fieldset>
    <legend class={props.hideLegend === true ? 'visually-hidden' : ''}>{props.legend}</legend>
    <div class="segments">
      {props.choices.map((it) => (
        <label key={it.value} class="segment">
          <input
            type="radio"
            name={props.name}
            value={it.value}
            checked={it.value === props.value}
            onChange={() => props.onChange(it.value)}
          />
          <span>{it.label}</span>
        </label>
      ))}
    </div>
  </fieldset>
);
