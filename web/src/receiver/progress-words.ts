import type { EpochProgress, PullConnection } from '@baton/client-core';
import type { Tone } from '../ui/pill.tsx';
import { countText } from '../ui/time-text.ts';

/** How far one (stream, epoch) is, in words. Only a connected relay can say that it has no more. */
export const progressText = (it: EpochProgress): string => {
  if (it.head === 0) return 'no reads yet';
  return it.complete
    ? `complete to ${countText(it.held)} of ${countText(it.head)}`
    : `${countText(it.head - it.held)} behind: ${countText(it.held)} of ${countText(it.head)}`;
};

export interface Total {
  readonly held: number;
  readonly head: number;
  readonly complete: boolean;
}

/** All targets together. */
export const totalOf = (targets: readonly EpochProgress[]): Total => ({
  held: targets.reduce((sum, it) => sum + it.held, 0),
  head: targets.reduce((sum, it) => sum + it.head, 0),
  complete: targets.every((it) => it.complete),
});

export const CONNECTION_WORDS: Readonly<Record<PullConnection, { readonly word: string; readonly tone: Tone }>> = {
  offline: { word: 'Offline', tone: 'warn' },
  connecting: { word: 'Connecting…', tone: 'info' },
  'catching-up': { word: 'Catching up', tone: 'info' },
  live: { word: 'Live', tone: 'ok' },
};
