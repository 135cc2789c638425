import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';

/**
 * A text that others may edit too: what is typed stays here until Enter or leaving the field, then
 * goes out once. Escape takes it back. An edit by somebody else shows at once unless one is typing.
 */
export const EditableText = (props: {
  readonly id: string;
  readonly label: string;
  readonly hideLabel?: boolean;
  readonly value: string;
  readonly placeholder?: string;
  readonly maxLength?: number;
  /** Empty text is taken back where a text is needed. */
  readonly required?: boolean;
  readonly onCommit: (text: string) => void;
}): JSX.Element => {
  const draft = useSignal<string | null>(null);
  const commit = (): void => {
    const text = draft.value?.trim() ?? props.value;
    draft.value = null;
    if (text !== props.value && !(props.required === true && text === '')) props.onCommit(text);
  };
  return (
    <div class="field">
      <label for={props.id} class={props.hideLabel === true ? 'visually-hidden' : ''}>
        {props.label}
      </label>
      <input
        id={props.id}
        value={draft.value ?? props.value}
        placeholder={props.placeholder ?? ''}
        maxLength={props.maxLength ?? 200}
        autocomplete="off"
        onInput={(event) => {
          draft.value = event.currentTarget.value;
        }}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === 'Enter') commit();
          if (event.key === 'Escape') draft.value = null;
        }}
      />
    </div>
  );
};
