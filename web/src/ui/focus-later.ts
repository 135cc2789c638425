import { useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';

/**
 * Moves the focus once the component has been drawn again: what was pressed may be gone by then, and
 * without a place the focus falls back to the top of the page. Gives a function that takes the id of
 * the element, or several of which the first that can take the focus gets it.
 */
export const useFocusLater = (): ((...ids: readonly string[]) => void) => {
  const wanted = useRef<readonly string[]>([]);
  const asked = useSignal(0);
  const turn = asked.value;
  useLayoutEffect(() => {
    for (const id of wanted.current) {
      const element = document.getElementById(id);
      // one that was just disabled holds the focus until the next frame and then lets it fall
      if (element === null || element.matches(':disabled')) continue;
      element.focus();
      break;
    }
    wanted.current = [];
  }, [turn]);
  return (...ids) => {
    wanted.current = ids;
    asked.value += 1;
  };
};
