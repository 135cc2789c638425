import type { ResultsState } from '@baton/client-core';
import { countText } from '../../ui/time-text.ts';

/** How old computed results are, told while they are behind what is held; null: they contain all of it. */
export const lagText = (state: ResultsState | null): string | null => {
  if (state === null || state.current) return null;
  return state.pos === state.endPos
    ? 'being computed anew after a change of the setup'
    : `as of read ${countText(state.pos)} of ${countText(state.endPos)}: the rest is being computed`;
};

export const STATUS_TITLES: Readonly<Record<string, string>> = {
  DNS: 'Did not start',
  DNF: 'Did not finish',
  DSQ: 'Disqualified',
};
