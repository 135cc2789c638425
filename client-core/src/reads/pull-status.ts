import type { StreamId } from '@baton/schema/ids';
import type { Target } from '@baton/schema/protocol';
import { comparePairs, type Pair, type PairKey, pairFromKey } from '@baton/schema/reads';
import type { Selection, SelectionWarning } from '@baton/schema/selection';
import type { EpochCheck } from '../replica/replica.ts';
import type { PullState, Verdict } from './pull-state.ts';

/** The words of the receiver's control API and page. */
export type PullConnection = 'offline' | 'connecting' | 'catching-up' | 'live';

export type PullWarning =
  | SelectionWarning
  | { readonly type: 'unknown-race'; readonly raceId: string; readonly message: string }
  | { readonly type: 'refused'; readonly message: string }
  /** An epoch is not what the relay sealed. */
  | { readonly type: 'mismatch'; readonly streamId: StreamId; readonly epoch: number; readonly message: string }
  | { readonly type: 'storage-full'; readonly message: string };

/** One (stream, epoch) that the selection means: what is held of what the relay has. */
export interface EpochProgress {
  readonly streamId: StreamId;
  readonly epoch: number;
  readonly held: number;
  /** As last told by the relay, or what is held if that is more. */
  readonly head: number;
  readonly complete: boolean;
  /** Nothing can be added to it any more. */
  readonly sealed: boolean;
  /** Whether what is held is, byte for byte, what the relay sealed. */
  readonly check: EpochCheck;
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

const mismatch = ({ streamId, epoch }: Pair, { repaired }: Verdict): PullWarning => ({
  type: 'mismatch',
  streamId,
  epoch,
  message: repaired
    ? `${streamId} epoch ${epoch} was pulled again and is still not what the relay sealed; check the disks of both, then repair it`
    : `${streamId} epoch ${epoch} is not what the relay sealed; it is pulled again as soon as the relay is there`,
});

const mismatches = ({ verdicts }: PullState): readonly PullWarning[] =>
  [...verdicts].flatMap(([key, verdict]) => {
    const pair = verdict.match ? null : pairFromKey(key);
    return pair === null ? [] : [mismatch(pair, verdict)];
  });

const warningsOf = (state: PullState): readonly PullWarning[] => {
  const { warnings, refused, stopped, reason, noSpace } = state;
  return [
    ...(stopped ? [{ type: 'refused', message: `the relay refuses this receiver: ${reason}` } as const] : []),
    ...mismatches(state),
    ...(noSpace === null ? [] : [noSpaceLeft(noSpace)]),
    ...(refused === null ? [] : [unknownRace(refused)]),
    ...warnings,
  ];
};

const checkOf = ({ sealed, hash, head }: Target, held: number, verdict: Verdict | undefined): EpochCheck => {
  if (!sealed || hash == null || held !== head) return 'unchecked';
  return verdict === undefined ? 'checking' : verdict.match ? 'match' : 'mismatch';
};

/** Reads that came and cannot be stored are missing, though the relay told of no such head before. */
const headOf = ({ noSpace, received }: PullState, key: PairKey, { head }: Target): number =>
  noSpace === null ? head : Math.max(head, received.get(key) ?? 0);

const progressOf = (state: PullState): readonly EpochProgress[] =>
  [...state.targets]
    .map(([key, target]) => {
      const { streamId, epoch, sealed } = target;
      const [here, head] = [state.held.get(key) ?? 0, headOf(state, key, target)];
      const check = checkOf(target, here, state.verdicts.get(key));
      return { streamId, epoch, held: here, head: Math.max(head, here), complete: here >= head, sealed, check };
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
