import type { ReadonlySignal } from '@preact/signals';
import type { JSX } from 'preact';
import { toneClass } from './pill.tsx';

/** Says at the foot of the page what just happened; the region is always there, so that screen readers hear it. */
export const AnnouncementBar = (props: {
  readonly current: ReadonlySignal<{ readonly tone: 'ok' | 'bad'; readonly text: string } | null>;
  readonly onDismiss: () => void;
  /** The button's word, for a page in another language. */
  readonly dismissLabel?: string;
}): JSX.Element => {
  const announcement = props.current.value;
  return (
    <div class="announcement" aria-live="polite">
      {announcement === null ? null : (
        <div class={`announcement-body${toneClass(announcement.tone)}`}>
          <span>{announcement.text}</span>
          <button type="button" class="button button-quiet button-small" onClick={props.onDismiss}>
            {props.dismissLabel ?? 'Dismiss'}
          </button>
        </div>
      )}
    </div>
  );
};
