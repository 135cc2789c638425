import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';

/** What a text means, or what was expected of it. */
export type Parsed<T> =
  | { readonly type: 'value'; readonly value: T }
  | { readonly type: 'expected'; readonly text: string };

export const parsedOr = <T,>(value: T | null | undefined, expected: string): Parsed<T> =>
  value === null || value === undefined ? { type: 'expected', text: expected } : { type: 'value', value };

/**
 * A text that must mean something, such as a time: it goes out on Enter or on leaving the field. One
 * that means nothing stays, marked, with what is expected; Escape takes it back.
 */
export const ParsedField = <T,>(props: {
  readonly id: string;
  readonly label: string;
  readonly hideLabel?: boolean;
  readonly hint?: string;
  readonly text: string;
  readonly placeholder?: string;
  readonly inputMode?: 'decimal' | 'numeric' | 'text' | 'url';
  /** 40 by default. */
  readonly maxLength?: number;
  readonly parse: (text: string) => Parsed<T>;
  readonly onCommit: (value: T) => void;
}): JSX.Element => {
  const draft = useSignal<string | null>(null);
  const problem = useSignal<string | null>(null);
  const drop = (): void => {
    draft.value = null;
    problem.value = null;
  };
  const commit = (): void => {
    const text = draft.value?.trim() ?? props.text;
    if (text === props.text) return drop();
    const parsed = props.parse(text);
    if (parsed.type === 'expected') {
      problem.value = parsed.text;
      return;
    }
    drop();
    props.onCommit(parsed.value);
  };
  const help = problem.value ?? props.hint;
  return (
    <div class="field">
      <label for={props.id} class={props.hideLabel === true ? 'visually-hidden' : ''}>
        {props.label}
      </label>
      <input
        id={props.id}
        value={draft.value ?? props.text}
        placeholder={props.placeholder ?? ''}
        inputMode={props.inputMode ?? 'text'}
        maxLength={props.maxLength ?? 40}
        autocomplete="off"
        spellcheck={false}
        aria-invalid={problem.value === null ? undefined : 'true'}
        aria-describedby={help === undefined ? undefined : `${props.id}-help`}
        onInput={(event) => {
          draft.value = event.currentTarget.value;
          if (problem.value !== null && props.parse(draft.value).type === 'value') problem.value = null;
        }}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === 'Enter') commit();
          if (event.key === 'Escape') drop();
        }}
      />
      {help === undefined ? null : (
        <span id={`${props.id}-help`} class={problem.value === null ? 'field-hint' : 'field-error'} aria-live="polite">
          {help}
        </span>
      )}
    </div>
  );
};
