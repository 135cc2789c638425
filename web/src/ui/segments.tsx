import type { JSX } from 'preact';

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
