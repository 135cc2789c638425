import type { ComponentChildren, JSX } from 'preact';

/** A button that asks the relay for something; while it cannot be asked, `blocked` says why. */
export const CommandButton = (props: {
  readonly class?: string;
  readonly id?: string;
  readonly label?: string;
  readonly submit?: boolean;
  readonly disabled?: boolean;
  /** Null: nothing keeps anybody from it. */
  readonly blocked: string | null;
  readonly onClick?: () => void;
  readonly children: ComponentChildren;
}): JSX.Element => (
  <button
    type={props.submit === true ? 'submit' : 'button'}
    id={props.id}
    class={props.class ?? 'button'}
    aria-label={props.label}
    title={props.blocked ?? undefined}
    disabled={props.blocked !== null || props.disabled === true}
    onClick={props.onClick}
  >
    {props.children}
  </button>
);
