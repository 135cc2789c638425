import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';

/** A text to take away: shown whole, selected on focus, copied by its button. */
export const CopyField = (props: {
  readonly id: string;
  readonly label: string;
  readonly text: string;
  /** False when the browser does not let a page write to the clipboard. */
  readonly copy: (text: string) => Promise<boolean>;
}): JSX.Element => {
  const state = useSignal<'idle' | 'copied' | 'refused'>('idle');
  const copy = async (): Promise<void> => {
    state.value = (await props.copy(props.text)) ? 'copied' : 'refused';
  };
  return (
    <div class="field">
      <label for={props.id}>{props.label}</label>
      <div class="copy-field">
        <input
          id={props.id}
          class="mono"
          readOnly
          value={props.text}
          onFocus={(event) => event.currentTarget.select()}
        />
        <button type="button" class="button" onClick={() => void copy()}>
          {state.value === 'copied' ? 'Copied' : 'Copy'}
        </button>
      </div>
      <span class="field-hint" aria-live="polite">
        {state.value === 'refused' ? 'Your browser does not allow it: select the text and copy it yourself.' : ''}
      </span>
    </div>
  );
};
