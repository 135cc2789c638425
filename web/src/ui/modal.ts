import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** For a `dialog` element that is modal for as long as it is drawn: focus stays inside and goes back to where it came from. */
export const useModal = (): RefObject<HTMLDialogElement | null> => {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    if (element !== null && !element.open) element.showModal();
    return () => element?.close();
  }, []);
  return dialog;
};
