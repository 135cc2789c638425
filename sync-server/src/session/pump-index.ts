import { type Pair, type PairKey, pairKey } from '@baton/schema/reads';
import type { Pump } from './pump.ts';

/**
 * Which pumps follow which (stream, epoch): an append wakes only those. Pumps announce their
 * targets through `retargeted`.
 */
export interface PumpIndex {
  readonly add: (pump: Pump) => void;
  readonly retargeted: (pump: Pump) => void;
  readonly remove: (pump: Pump) => void;
  readonly appended: (pair: Pair) => void;
}

export const createPumpIndex = (): PumpIndex => {
  const followers = new Map<PairKey, Set<Pump>>();
  const followed = new Map<Pump, readonly PairKey[]>();

  const forget = (pump: Pump): void => {
    for (const key of followed.get(pump) ?? []) {
      const pumps = followers.get(key);
      pumps?.delete(pump);
      if (pumps?.size === 0) followers.delete(key);
    }
  };

  const follow = (pump: Pump): void => {
    const keys = pump.targets().map((pair) => pairKey(pair.streamId, pair.epoch));
    followed.set(pump, keys);
    for (const key of keys) {
      const pumps = followers.get(key) ?? new Set<Pump>();
      pumps.add(pump);
      followers.set(key, pumps);
    }
  };

  return {
    add: (pump) => {
      followed.set(pump, []);
    },
    retargeted: (pump) => {
      if (!followed.has(pump)) return;
      forget(pump);
      follow(pump);
    },
    remove: (pump) => {
      forget(pump);
      followed.delete(pump);
    },
    appended: (pair) => {
      for (const pump of followers.get(pairKey(pair.streamId, pair.epoch)) ?? []) pump.wake();
    },
  };
};
