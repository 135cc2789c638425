import { type EventBody, type EventStatus, TRANSITIONS } from '@baton/schema/http';
import type { BySide, Side } from './link-state.ts';

/** What of an event's record both relays have alike. */
export type SharedRecord = Pick<EventBody, 'title' | 'date' | 'timezone' | 'location' | 'status' | 'minClientVersion'>;

type Words = Pick<SharedRecord, 'title' | 'date' | 'timezone' | 'location'>;

/** What is to be changed at one relay. */
export interface RecordChange {
  /** Null: nothing. */
  readonly words: Partial<Words> | null;
  /** One after the other; empty: it stays. */
  readonly statuses: readonly EventStatus[];
  /** Null: it stays. */
  readonly floor: string | null;
}

export const NO_CHANGE: RecordChange = { words: null, statuses: [], floor: null };

export const sharedOf = (event: SharedRecord): SharedRecord => {
  const { title, date, timezone, location, status, minClientVersion } = event;
  return { title, date, timezone, location, status, minClientVersion };
};

export const isSameRecord = (a: SharedRecord, b: SharedRecord): boolean =>
  JSON.stringify(sharedOf(a)) === JSON.stringify(sharedOf(b));

const FIELDS = ['title', 'date', 'timezone', 'location'] as const;
const ORDER: readonly EventStatus[] = ['draft', 'startlist', 'running', 'finished', 'official'];

/** Who is to take the other's value; null: they have the same. `both`: who takes it where both have changed. */
const taker = <T>(here: T, there: T, last: T | undefined, both: Side): Side | null => {
  if (here === there) return null;
  if (last !== undefined && here === last) return 'here';
  if (last !== undefined && there === last) return 'there';
  return both;
};

const wordsFor = (side: Side, records: BySide<SharedRecord>, last: SharedRecord | null): RecordChange['words'] => {
  const { here, there } = records;
  const from = side === 'here' ? there : here;
  const changed = FIELDS.filter((field) => taker(here[field], there[field], last?.[field], 'here') === side);
  return changed.length === 0 ? null : Object.fromEntries(changed.map((field) => [field, from[field]]));
};

/** The shortest way through the lifecycle; empty: there is none. */
const pathTo = (from: EventStatus, to: EventStatus): readonly EventStatus[] => {
  const ways: (readonly EventStatus[])[] = [[]];
  const seen = new Set([from]);
  for (let way = ways.shift(); way !== undefined; way = ways.shift()) {
    const at = way.at(-1) ?? from;
    if (at === to) return way;
    for (const next of TRANSITIONS[at]) {
      // official is final: it is a goal, never on the way
      if (seen.has(next) || (next === 'official' && to !== 'official')) continue;
      seen.add(next);
      ways.push([...way, next]);
    }
  }
  return [];
};

const statusTaker = ({ here, there }: BySide<SharedRecord>, last: SharedRecord | null): Side | null => {
  const behind: Side = ORDER.indexOf(here.status) < ORDER.indexOf(there.status) ? 'here' : 'there';
  const isFinal = here.status === 'official' || there.status === 'official';
  return taker(here.status, there.status, isFinal ? undefined : last?.status, behind);
};

const isLower = (a: string | null, b: string | null): boolean => {
  const [[aMajor = 0, aMinor = 0], [bMajor = 0, bMinor = 0]] = [a, b].map((it) =>
    (it ?? '0.0').split('.').map(Number),
  ) as [number[], number[]];
  return aMajor === bMajor ? aMinor < bMinor : aMajor < bMajor;
};

const changeFor = (
  side: Side,
  records: BySide<SharedRecord>,
  last: SharedRecord | null,
  isInStep: boolean,
): RecordChange => {
  const [own, other] = side === 'here' ? [records.here, records.there] : [records.there, records.here];
  const mayMove = statusTaker(records, last) === side && (other.status !== 'official' || isInStep);
  return {
    words: wordsFor(side, records, last),
    statuses: mayMove ? pathTo(own.status, other.status) : [],
    floor: isLower(own.minClientVersion, other.minClientVersion) ? other.minClientVersion : null,
  };
};

/**
 * How two records of one event become one. By field, what changed since both were alike wins; where both changed, the words of the
 * relay elsewhere, the status that is further, the higher version floor. `official` waits until reads and documents are the
 * same on both sides: each freezes what it has.
 *
 * @param last what both had when they were alike; null: never
 */
export const planRecord = (
  records: BySide<SharedRecord>,
  last: SharedRecord | null,
  isInStep: boolean,
): BySide<RecordChange> => ({
  here: changeFor('here', records, last, isInStep),
  there: changeFor('there', records, last, isInStep),
});
