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
