import type { JSX } from 'preact';

/** The buttons of an item in an ordered list. Their ids end in `up`, `down` and `remove`. */
export const ItemActions = (props: {
  readonly id: (part: string) => string;
  /** What it is, as a screen reader says it. */
  readonly name: string;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly onMove: (by: -1 | 1) => void;
  readonly onRemove: () => void;
}): JSX.Element => (
  <span class="item-actions">
    <button
      type="button"
      id={props.id('up')}
      class="button button-small button-icon"
      aria-label={`Move ${props.name} up`}
      disabled={props.isFirst}
      onClick={() => props.onMove(-1)}
    >
      ↑
    </button>
    <button
      type="button"
      id={props.id('down')}
      class="button button-small button-icon"
      aria-label={`Move ${props.name} down`}
      disabled={props.isLast}
      onClick={() => props.onMove(1)}
    >
      ↓
    </button>
    <button
      type="button"
      id={props.id('remove')}
      class="button button-small button-icon"
      aria-label={`Remove ${props.name}`}
      onClick={props.onRemove}
    >
      ×
    </button>
  </span>
);
