import { type Refusal, refusal } from '@baton/schema/errors';
import type { EventId } from '@baton/schema/ids';
import type { AppliedMessage, Target } from '@baton/schema/protocol';
import { comparePairs, type Pair, type PairKey, pairKey, type VectorClock } from '@baton/schema/reads';
import { diffTargets, type Selection, type SelectionWarning } from '@baton/schema/selection';
import type { ReadLog } from '../log/read-log.ts';
import type { Registry } from '../registry/registry.ts';
import type { EventView, EventViews } from './event-view.ts';
import type { Pump } from './pump.ts';

export interface SelectingDeps {
  readonly eventId: EventId;
  readonly views: EventViews;
  readonly registry: Pick<Registry, 'epoch'>;
  readonly log: Pick<ReadLog, 'head' | 'onSealed'>;
  readonly pump: Pump;
  readonly send: (message: AppliedMessage) => void;
  /**
   * Where a target starts that appears after the `select` or comes back: the receiver's cursors at that time. Left out, it
   * starts where delivery stood, else at the clock of the last `select`: right for a receiver that keeps all it was sent.
   */
  readonly cursors?: () => VectorClock;
}

/** What a session has selected, kept in step with mappings, epochs and streams. */
export interface Selecting {
  /** `from`: what the receiver holds. `UNKNOWN_RACE` leaves the former selection in force. */
  readonly select: (selection: Selection, from: VectorClock) => Promise<Refusal | null>;
  /** As `select`, but targets that stay go on undisturbed. */
  readonly extend: (selection: Selection, from: VectorClock) => Promise<Refusal | null>;
  /** Whether one is in force. */
  readonly hasSelection: () => boolean;
  readonly stop: () => void;
}

const behind = (pair: Pair, held: number, head: number): SelectionWarning => ({
  type: 'relay-behind',
  streamId: pair.streamId,
  epoch: pair.epoch,
  message: `the receiver holds ${held} reads of ${pair.streamId} epoch ${pair.epoch}, the relay only ${head}: it was restored; its forwarder refills it`,
});

/** In the words of a relay that has less than it once had: receivers of every version know those. */
const archivedWarning = ({ streamId, epoch }: Pair): SelectionWarning => ({
  type: 'relay-behind',
  streamId,
  epoch,
  message: `the reads of ${streamId} epoch ${epoch} were archived by the relay; they come once its admin has imported that file`,
});

/** Pairs whose reads cannot be delivered, unless the receiver has them all: told, and no targets. */
const withoutArchived = (
  { registry, log }: Pick<SelectingDeps, 'registry' | 'log'>,
  pairs: readonly Pair[],
  clock: VectorClock,
): { readonly targets: readonly Pair[]; readonly warnings: readonly SelectionWarning[] } => {
  const isMissing = (pair: Pair): boolean =>
    registry.epoch(pair)?.archived === true && (clock.get(pairKey(pair.streamId, pair.epoch)) ?? 0) < log.head(pair);
  const missing = pairs.filter(isMissing);
  return { targets: pairs.filter((pair) => !isMissing(pair)), warnings: missing.map(archivedWarning) };
};

const sameWarnings = (a: readonly SelectionWarning[], b: readonly SelectionWarning[]): boolean =>
  a.length === b.length && a.every((it, index) => it.message === b[index]?.message);

export const createSelecting = (deps: SelectingDeps): Selecting => {
  let current: { readonly selection: Selection; readonly clock: VectorClock } | null = null;
  let told: readonly SelectionWarning[] = [];
  let targeted: ReadonlySet<PairKey> = new Set();
  let view: EventView | null = null;
  let leave: () => void = () => {};
  let stopped = false;

  const targetOf = (pair: Pair): Target => {
    const epoch = deps.registry.epoch(pair);
    return { ...pair, head: epoch?.head ?? 0, sealed: epoch?.sealed ?? false, hash: epoch?.hash ?? null };
  };

  const tell = (selection: Selection, targets: readonly Pair[], warnings: readonly SelectionWarning[]): void => {
    told = warnings;
    targeted = new Set(targets.map((it) => pairKey(it.streamId, it.epoch)));
    const applied: AppliedMessage = {
      type: 'applied',
      selection,
      targets: targets.map(targetOf),
      warnings: [...warnings],
    };
    deps.send(applied);
  };

  const beyond = (targets: readonly Pair[], clock: VectorClock): readonly SelectionWarning[] =>
    targets.flatMap((pair) => {
      const held = clock.get(pairKey(pair.streamId, pair.epoch)) ?? 0;
      const head = deps.log.head(pair);
      return held > head ? [behind(pair, held, head)] : [];
    });

  const apply = (selection: Selection, clock: VectorClock): Refusal | null => {
    const resolution = view?.resolve(selection);
    if (resolution === undefined) return null;
    if (resolution.type === 'unknown-race') {
      return refusal('UNKNOWN_RACE', `the event has no race ${resolution.raceId}; the former selection goes on`);
    }
    const { targets, warnings } = withoutArchived(deps, resolution.targets, clock);
    tell(selection, targets, [...resolution.warnings, ...warnings, ...beyond(targets, clock)]);
    deps.pump.retarget(targets, clock, true);
    return null;
  };

  /** Mapping, epochs or streams have changed: only what differs is touched. */
  const refresh = (): void => {
    if (current === null || view === null || stopped) return;
    const { selection } = current;
    const clock = deps.cursors?.() ?? current.clock;
    const resolution = view.resolve(selection);
    const { targets, warnings: archived } = withoutArchived(
      deps,
      resolution.type === 'targets' ? resolution.targets : [],
      clock,
    );
    const warnings =
      resolution.type === 'targets'
        ? [...resolution.warnings, ...archived, ...beyond(targets, clock)]
        : [
            {
              type: 'no-current-epoch-mapped',
              raceId: resolution.raceId,
              message: 'the selected race was deleted',
            } as const,
          ];
    const { added, removed } = diffTargets([...deps.pump.targets()].sort(comparePairs), targets);
    if (added.length === 0 && removed.length === 0 && sameWarnings(told, warnings)) return;
    tell(selection, targets, warnings);
    deps.pump.retarget(targets, clock, added.length > 0);
    if (deps.cursors !== undefined) deps.pump.forget(removed);
  };

  /** Whoever holds all of it can now compare it. */
  const tellSealed = (pair: Pair): void => {
    if (current === null || stopped || !targeted.has(pairKey(pair.streamId, pair.epoch))) return;
    tell(current.selection, [...deps.pump.targets()].sort(comparePairs), told);
  };

  const open = async (): Promise<void> => {
    if (view !== null) return;
    const held = await deps.views.hold(deps.eventId);
    if (stopped || view !== null) {
      held.release();
      return;
    }
    view = held.view;
    const forget = view.onChange(refresh);
    const unseal = deps.log.onSealed(tellSealed);
    leave = () => {
      forget();
      unseal();
      held.release();
    };
  };

  const choose = async (selection: Selection, from: VectorClock, restart: boolean): Promise<Refusal | null> => {
    await open();
    if (stopped || view === null) return null;
    const known = view.resolve(selection);
    if (known.type === 'unknown-race') return apply(selection, from);
    if (restart) deps.pump.reset();
    current = { selection, clock: from };
    return apply(selection, from);
  };

  return {
    select: (selection, from) => choose(selection, from, true),
    extend: (selection, from) => choose(selection, from, false),
    hasSelection: () => current !== null,
    stop: () => {
      stopped = true;
      leave();
    },
  };
};
