import type { ReadonlySignal } from '@preact/signals';
import type { EventStore } from './event-store.ts';
import type { Freshness } from './freshness.ts';
import type { FreshnessProps } from './freshness-line.tsx';
import type { EventInfo, RaceInfo } from './public-body.ts';

/** What every part of an event's page gets. */
export interface PartProps {
  readonly store: EventStore;
  readonly event: EventInfo;
  readonly race: RaceInfo;
  readonly freshness: FreshnessProps;
  /** Of a list of its own. */
  readonly freshnessFrom: (confirmedAt: number | null, at: number) => Freshness;
  readonly now: ReadonlySignal<number>;
}
