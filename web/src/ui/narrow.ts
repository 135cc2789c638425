import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';

/** Whether the window is as narrow as a phone's: as the style sheets have it. */
export const useNarrow = (): boolean => {
  const query = useMemo(() => matchMedia('(max-width: 40rem)'), []);
  const isNarrow = useSignal(query.matches);
  useEffect(() => {
    const follow = (): void => {
      isNarrow.value = query.matches;
    };
    query.addEventListener('change', follow);
    return () => query.removeEventListener('change', follow);
  }, [query, isNarrow]);
  return isNarrow.value;
};
