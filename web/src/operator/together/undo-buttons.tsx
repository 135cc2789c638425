import type { UndoStep } from '@baton/schema/doc';
import type { ReadonlySignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Announcer } from '../../platform/announcer-store.ts';
import { stepWords } from './edit-words.ts';
import type { Names } from './names.ts';
import { stepAsked, undoesItself } from './shortcut.ts';
import type { StepOutcome, UndoStore } from './undo-store.ts';

const StepButton = (props: {
  readonly label: 'Undo' | 'Redo';
  readonly step: UndoStep | null;
  readonly names: Names;
  readonly keys: string;
  readonly onClick: () => void;
}): JSX.Element => {
  const { label, step } = props;
  const words = step === null ? `Nothing to ${label.toLowerCase()}` : `${label}: ${stepWords(step, props.names)}`;
  return (
    <button
      type="button"
      class="button button-small"
      aria-label={words}
      title={`${words} (${props.keys})`}
      // not `disabled`: the last step would take the focus away with it
      aria-disabled={step === null}
      onClick={props.onClick}
    >
      <span aria-hidden="true">{label === 'Undo' ? '↶' : '↷'}</span>
      <span class="undo-word">{label}</span>
    </button>
  );
};

/** Takes back and puts back one's own edits, by button or key; what others have written over them stays. */
export const UndoButtons = (props: {
  readonly store: UndoStore;
  readonly names: ReadonlySignal<Names>;
  readonly announcer: Announcer;
}): JSX.Element => {
  const { store, announcer } = props;
  const names = props.names.value;
  const tell = (outcome: StepOutcome, done: string): void => {
    if (outcome.type === 'nothing') return;
    const words = stepWords(outcome.step, props.names.peek());
    if (outcome.type === 'done') announcer.say(`${done}: ${words}.`);
    else announcer.say(`${words}: others have changed it since, so it stays as it is.`);
  };
  const undo = (): void => tell(store.undo(), 'Undone');
  const redo = (): void => tell(store.redo(), 'Done again');
  useEffect(() => {
    const onKey = (press: KeyboardEvent): void => {
      const asked = stepAsked(press);
      if (asked === null || undoesItself(document.activeElement) || document.querySelector('dialog[open]')) return;
      press.preventDefault();
      if (asked === 'undo') undo();
      else redo();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [store]);
  return (
    <div class="undo-buttons">
      <StepButton label="Undo" step={store.next.value} names={names} keys="Ctrl+Z" onClick={undo} />
      <StepButton label="Redo" step={store.nextRedo.value} names={names} keys="Ctrl+Shift+Z" onClick={redo} />
    </div>
  );
};
