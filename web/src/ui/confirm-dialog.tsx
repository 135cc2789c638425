import type { ComponentChildren, JSX } from 'preact';
import { useModal } from './modal.ts';

/**
 * A question that stands before something that others will notice. Native modal dialog: focus stays
 * inside, Escape means no.
 */
export const ConfirmDialog = (props: {
  readonly title: string;
  readonly confirmLabel: string;
  readonly danger?: boolean;
  readonly busy?: boolean;
  readonly disabled?: boolean;
  readonly children?: ComponentChildren;
  readonly onConfirm: () => void;
  readonly onCancel: () => void;
}): JSX.Element => {
  const dialog = useModal();
  return (
    <dialog
      ref={dialog}
      aria-labelledby="confirm-title"
      onCancel={(event) => {
        event.preventDefault();
        props.onCancel();
      }}
    >
      <form
        method="dialog"
        onSubmit={(event) => {
          event.preventDefault();
          props.onConfirm();
        }}
      >
        <div class="stack">
          <h2 id="confirm-title">{props.title}</h2>
          {props.children}
        </div>
        <div class="dialog-actions">
          <button type="button" class="button" onClick={props.onCancel}>
            Cancel
          </button>
          <button
            type="submit"
            class={`button ${props.danger === true ? 'button-danger' : 'button-primary'}`}
            disabled={props.busy === true || props.disabled === true}
          >
            {props.busy === true ? 'Working…' : props.confirmLabel}
          </button>
        </div>
      </form>
    </dialog>
  );
};
