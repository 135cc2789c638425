import type { EpochCheck, EpochProgress, PairProgress, PullConnection, PullStatus } from '@baton/client-core';
import { pairKey } from '@baton/schema/reads';
import type { Tone } from '../ui/pill.tsx';
import { clockText, countText } from '../ui/time-text.ts';

/** One (stream, epoch) as the page shows it. */
export interface EpochLine extends EpochProgress {
  /** The selection means it; else it is left from an earlier one. */
  readonly isSelected: boolean;
  /** How often it was dropped and pulled again. */
  readonly repairs: number;
}

const fromSession = (it: EpochProgress, held: PairProgress | undefined): EpochLine => ({
  ...it,
  isSelected: true,
  repairs: held?.repairs ?? 0,
});

const fromReplica = ({ held, head, sealed, check, repairs, streamId, epoch }: PairProgress): EpochLine => ({
  ...{ streamId, epoch, held, head, sealed, check, repairs },
  complete: held >= head,
  isSelected: false,
});

const rankOf = (it: EpochLine): number => (it.check === 'mismatch' ? 0 : it.isSelected ? (it.complete ? 2 : 1) : 3);

/** What the session follows and what else is held; what wants attention comes first. */
export const epochLines = (progress: readonly PairProgress[], status: PullStatus | null): readonly EpochLine[] => {
  const held = new Map(progress.map((it) => [pairKey(it.streamId, it.epoch), it]));
  const followed = new Set(status?.streams.map((it) => pairKey(it.streamId, it.epoch)));
  const lines = [
    ...(status?.streams ?? []).map((it) => fromSession(it, held.get(pairKey(it.streamId, it.epoch)))),
    ...progress.filter((it) => !followed.has(pairKey(it.streamId, it.epoch)) && it.held > 0).map(fromReplica),
  ];
  return lines.sort((a, b) => rankOf(a) - rankOf(b));
};

/** How far one (stream, epoch) is, in words. Only a connected relay can say that it has no more. */
export const progressText = (it: Pick<EpochProgress, 'held' | 'head' | 'complete'>): string => {
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
export const totalOf = (targets: readonly Pick<EpochProgress, 'held' | 'head' | 'complete'>[]): Total => ({
  held: targets.reduce((sum, it) => sum + it.held, 0),
  head: targets.reduce((sum, it) => sum + it.head, 0),
  complete: targets.every((it) => it.complete),
});

export interface Word {
  readonly word: string;
  readonly tone: Tone;
}

/** What is known of an epoch's bytes; null: nothing to say before it is sealed. */
export const checkWord = (check: EpochCheck): Word | null => {
  switch (check) {
    case 'match':
      return { word: 'Verified', tone: 'ok' };
    case 'mismatch':
      return { word: 'Mismatch', tone: 'bad' };
    case 'checking':
      return { word: 'Checking…', tone: 'info' };
    case 'unchecked':
      return null;
  }
};

export const CONNECTION_WORDS: Readonly<Record<PullConnection, Word>> = {
  offline: { word: 'Offline', tone: 'warn' },
  connecting: { word: 'Connecting…', tone: 'info' },
  'catching-up': { word: 'Catching up', tone: 'info' },
  live: { word: 'Live', tone: 'ok' },
};

/** How much of what was selected is here, as far as anybody can say; null: nothing to say yet. */
export const completenessWord = (status: PullStatus, lostAt: number | null): Word | null => {
  const { connection, streams } = status;
  if (streams.some((it) => it.check === 'mismatch')) return { word: 'Mismatch', tone: 'bad' };
  if (connection !== 'live' && connection !== 'catching-up') {
    return { word: `Relay unreachable${lostAt === null ? '' : ` since ${clockText(lostAt)}`}`, tone: 'warn' };
  }
  const { held, head, complete } = totalOf(streams);
  if (!complete) return { word: `${countText(head - held)} behind`, tone: 'info' };
  return connection === 'live' && streams.length > 0 ? { word: 'Complete', tone: 'ok' } : null;
};
