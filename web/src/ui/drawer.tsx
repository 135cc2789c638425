import type { ComponentChildren, JSX } from 'preact';
import { useModal } from './modal.ts';

/**
 * Work on one thing beside what it was chosen from. Native modal dialog: focus stays inside and goes back to where it
 * came from; Escape closes.
 */
export const Drawer = (props: {
  readonly id: string;
  readonly title: string;
  /** `wide` for what needs tables. */
  readonly size?: 'side' | 'wide';
  readonly children: ComponentChildren;
  readonly onClose: () => void;
}): JSX.Element => {
  const dialog = useModal();
  return (
    <dialog
      ref={dialog}
      class={props.size === 'wide' ? 'drawer drawer-wide' : 'drawer'}
      aria-labelledby={`${props.id}-title`}
      onCancel={(event) => {
        // of a question that was asked from inside, too
        if (event.target !== event.currentTarget) return;
        event.preventDefault();
        props.onClose();
      }}
    >
      <div class="drawer-head">
        <h2 id={`${props.id}-title`}>{props.title}</h2>
        <button type="button" class="button button-small" onClick={props.onClose}>
          Close
        </button>
      </div>
      <div class="drawer-body stack">{props.children}</div>
    </dialog>
  );
};
