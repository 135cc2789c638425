/** What a key press asks for, on any keyboard: Ctrl or ⌘ with Z, with Shift or Y for the other way. */
export const stepAsked = (press: {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
}): 'undo' | 'redo' | null => {
  if (press.altKey || press.ctrlKey === press.metaKey) return null;
  const key = press.key.toLowerCase();
  if (key === 'z') return press.shiftKey ? 'redo' : 'undo';
  return key === 'y' && press.ctrlKey && !press.shiftKey ? 'redo' : null;
};

const NO_TEXT: readonly string[] = ['checkbox', 'radio', 'button', 'submit', 'range', 'color', 'file'];

/** Whether an element takes back its own typing. */
export const undoesItself = (element: Element | null): boolean => {
  if (element instanceof HTMLInputElement) return !NO_TEXT.includes(element.type);
  return element instanceof HTMLTextAreaElement || (element instanceof HTMLElement && element.isContentEditable);
};
