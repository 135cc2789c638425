import type { StreamId } from '@baton/schema/ids';
import { comparePairs } from '@baton/schema/reads';
import type { Selection, SelectionWarning } from '@baton/schema/selection';
import type { PullState } from './pull-state.ts';

/** The words of the receiver's control API and page. */
export type PullConnection = 'offline' | 'connecting' | 'catching-up' | 'live';

export type PullWarning =
  | SelectionWarning
  | { readonly type: 'unknown-race'; readonly raceId: string; readonly message: string }
  | { readonly type: 'refused'; readonly message: string }
  | { readonly type: 'storage-full'; readonly message: string };

/** One (stream, epoch) that the selection means: what is held of what the relay has. */
export interface EpochProgress {
  readonly streamId: StreamId;
  readonly epoch: number;
  readonly held: number;
  /** As last told by the relay, or what is held if that is more. */
  readonly head: number;
  readonly complete: boolean;
}

export interface PullStatus {
  readonly connection: PullConnection;
  /** Why there is no connection; null while there is one. */
  readonly reason: string | null;
  readonly selection: Selection;
  readonly warnings: readonly PullWarning[];
  readonly streams: readonly EpochProgress[];
}

const connectionOf = ({ phase, former }: PullState): PullConnection => {
  switch (phase) {
    case 'offline':
    case 'connecting':
    case 'live':
      return phase;
    case 'catchingUp':
      return 'catching-up';
    case 'selecting':
      return former === null ? 'connecting' : 'catching-up';
  }
};

const unknownRace = (raceId: string): PullWarning => ({
  type: 'unknown-race',
  raceId,
  message: `the relay knows no race ${raceId}; the former selection goes on, and it is asked again`,
});

const noSpaceLeft = (reason: string): PullWarning => ({
  type: 'storage-full',
  message: `nothing more is stored here: ${reason}; make space and it goes on by itself`,
});

const warningsOf = ({ warnings, refused, stopped, reason, noSpace }: PullState): readonly PullWarning[] => [
  ...(stopped ? [{ type: 'refused', message: `the relay refuses this receiver: ${reason}` } as const] : []),
  ...(noSpace === null ? [] : [noSpaceLeft(noSpace)]),
  ...(refused === null ? [] : [unknownRace(refused)]),
  ...warnings,
];

const progressOf = ({ targets, held }: PullState): readonly EpochProgress[] =>
  [...targets]
    .map(([key, { streamId, epoch, head }]) => {
      const here = held.get(key) ?? 0;
      return { streamId, epoch, held: here, head: Math.max(head, here), complete: here >= head };
    })
    .sort(comparePairs);

/** What a person is shown of a session. */
export const pullStatus = (state: PullState): PullStatus => ({
  connection: connectionOf(state),
  reason: state.reason,
  selection: state.selection,
  warnings: warningsOf(state),
  streams: progressOf(state),
});
