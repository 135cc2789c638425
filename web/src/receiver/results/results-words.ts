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

/** What stands in the column of times of one result. */
export type MainTime =
  | { readonly type: 'status'; readonly status: string }
  /** Null: none yet. */
  | { readonly type: 'time'; readonly ms: number | null }
  /** Others of the race have net times, this one has the gun's alone. */
  | { readonly type: 'gun-only'; readonly ms: number };

/** `hasNet`: some result of the race has a net time, so that net times rule. */
export const mainTimeOf = (
  result: { readonly status: string; readonly chipMs: number | null; readonly gunMs: number | null },
  hasNet: boolean,
): MainTime => {
  const { status, chipMs, gunMs } = result;
  if (status !== '') return { type: 'status', status };
  if (!hasNet) return { type: 'time', ms: gunMs };
  return chipMs === null && gunMs !== null ? { type: 'gun-only', ms: gunMs } : { type: 'time', ms: chipMs };
};
