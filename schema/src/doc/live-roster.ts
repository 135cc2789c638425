import type * as Y from 'yjs';
import { type DocProblem, problemAt } from './doc-entry.ts';
import { rosterRoots } from './roots.ts';
import {
  type Changed,
  type Correction,
  type Participant,
  type ParticipantField,
  ParticipantId,
  parseChip,
  parseCorrection,
  parseField,
  parseRecord,
  type Roster,
} from './roster-doc.ts';
import { createShardedMap } from './sharded-map.ts';
import { splitFieldKey } from './tracked.ts';

/**
 * A roster that is kept up to date entry by entry: after an edit only what it touched is read again. To read 55,000
 * participants anew for each edit would hold up whoever is typing.
 */
export interface LiveRoster {
  /** As of the last `update`, which changes these very maps. */
  readonly roster: Roster;
  /** As of the last `update`, and never changed; it has in common with the one before what was not touched since. */
  readonly snapshot: () => Roster;
  readonly chipsOf: ReadonlyMap<ParticipantId, readonly string[]>;
  readonly problems: () => readonly DocProblem[];
  readonly isStale: () => boolean;
  /** Reads what is new, some entries at a time, and gives everybody who is touched by it. */
  readonly update: () => Generator<undefined, ReadonlySet<ParticipantId>, undefined>;
  /** After each change that makes it stale. Returns the way to stop. */
  readonly onStale: (listener: () => void) => () => void;
  readonly close: () => void;
}

/** Entries read in one step. */
const STEP = 20;
const NO_CHIPS: readonly string[] = [];

interface TakenKeys {
  readonly keys: Iterable<string>;
  readonly isAll: boolean;
}

/**
 * Keys of a root that changed since they were taken; at first all of them, which are read off the root as one goes through them:
 * those that come meanwhile are among them, and taken again the next time.
 */
const followKeys = (map: Y.Map<unknown>, onChange: () => void) => {
  let dirty = new Set<string>();
  let isNew = true;
  const note = (event: Y.YMapEvent<unknown>): void => {
    for (const key of event.keysChanged) dirty.add(key);
    onChange();
  };
  map.observe(note);
  return {
    isStale: () => dirty.size > 0 || (isNew && map.keys().next().done !== true),
    take: (): TakenKeys => {
      const taken: TakenKeys = isNew ? { keys: map.keys(), isAll: true } : { keys: dirty, isAll: false };
      isNew = false;
      dirty = new Set();
      return taken;
    },
    close: () => map.unobserve(note),
  };
};

/** Entries that cannot be read, by their place. */
const createProblems = () => {
  const found = new Map<string, DocProblem>();
  return {
    set: (root: string, key: string, message: string | null): void => {
      const place = `${root}/${key}`;
      if (message !== null) found.set(place, problemAt(root, key, message));
      else if (found.size > 0) found.delete(place);
    },
    all: () => [...found.values()],
  };
};

type Touch = (participantId: ParticipantId) => void;
type Problems = ReturnType<typeof createProblems>;

/** Who has which chip, both ways round. */
const createChips = (map: Y.Map<unknown>, problems: Problems) => {
  const chips = createShardedMap<string, ParticipantId>();
  const chipsOf = new Map<ParticipantId, readonly string[]>();
  const leave = (chip: string, participantId: ParticipantId): void => {
    const left = (chipsOf.get(participantId) ?? NO_CHIPS).filter((it) => it !== chip);
    if (left.length > 0) chipsOf.set(participantId, left);
    else chipsOf.delete(participantId);
  };
  const read = (chip: string, touch: Touch): void => {
    const holder = map.has(chip) ? parseChip(chip, map.get(chip)) : null;
    problems.set('chips', chip, holder === null || holder.ok ? null : holder.error);
    const [before, now] = [chips.get(chip), holder?.ok === true ? holder.value : undefined];
    if (before === now) return;
    if (before !== undefined) {
      leave(chip, before);
      touch(before);
    }
    if (now === undefined) chips.delete(chip);
    else {
      chips.set(chip, now);
      chipsOf.set(now, [...(chipsOf.get(now) ?? NO_CHIPS), chip].sort());
      touch(now);
    }
  };
  return { chips, chipsOf, read };
};

const createCorrections = (map: Y.Map<unknown>, problems: Problems) => {
  const corrections = createShardedMap<ParticipantId, Correction>();
  const read = (key: string, touch: Touch): void => {
    const parsed = map.has(key) ? parseCorrection(key, map.get(key)) : null;
    problems.set('corrections', key, parsed === null || parsed.ok ? null : parsed.error);
    const id = ParticipantId.safeParse(key);
    if (!id.success) return;
    if (parsed?.ok === true) corrections.set(id.data, parsed.value.correction);
    else corrections.delete(id.data);
    touch(id.data);
  };
  return { corrections, read };
};

/** Participants: the value each was added as, with the fields that were changed since. */
const createParticipants = (map: Y.Map<unknown>, fields: Y.Map<unknown>, problems: Problems) => {
  const participants = createShardedMap<ParticipantId, Participant>();
  const changes = new Map<string, Changed>();
  const readField = (key: string): string => {
    const [field, participantId] = splitFieldKey(key);
    const parsed = fields.has(key) ? parseField(key, fields.get(key)) : null;
    problems.set('participantFields', key, parsed === null || parsed.changed !== null ? null : parsed.problem);
    const others = { ...changes.get(participantId) };
    delete others[field as ParticipantField];
    const now = { ...others, ...parsed?.changed };
    if (Object.keys(now).length > 0) changes.set(participantId, now);
    else changes.delete(participantId);
    return participantId;
  };
  const read = (key: string, touch: Touch): void => {
    const parsed = map.has(key) ? parseRecord(key, map.get(key)) : null;
    problems.set('participants', key, parsed === null || parsed.participant !== null ? null : parsed.problem);
    const added = parsed?.participant ?? null;
    if (added !== null) {
      participants.set(added.participantId, { ...added, ...changes.get(key) });
      return touch(added.participantId);
    }
    const id = ParticipantId.safeParse(key);
    if (!id.success) return;
    participants.delete(id.data);
    touch(id.data);
  };
  return { participants, readField, read };
};

export const createLiveRoster = (doc: Y.Doc): LiveRoster => {
  const roots = rosterRoots(doc);
  const listeners = new Set<() => void>();
  const tell = (): void => {
    for (const listener of listeners) listener();
  };
  const problems = createProblems();
  const people = createParticipants(roots.participants, roots.participantFields, problems);
  const chips = createChips(roots.chips, problems);
  const corrections = createCorrections(roots.corrections, problems);
  const keys = {
    participants: followKeys(roots.participants, tell),
    participantFields: followKeys(roots.participantFields, tell),
    chips: followKeys(roots.chips, tell),
    corrections: followKeys(roots.corrections, tell),
  };
  const all = Object.values(keys);

  function* update(): Generator<undefined, ReadonlySet<ParticipantId>, undefined> {
    const touched = new Set<ParticipantId>();
    const touch: Touch = (participantId) => touched.add(participantId);
    // taken together: what changes between two pieces waits for the next update
    const [ids, fieldKeys, chipKeys, correctionKeys] = [
      keys.participants.take(),
      keys.participantFields.take(),
      keys.chips.take(),
      keys.corrections.take(),
    ];
    /** Others whose fields changed; where everybody is read anyway, there are none. */
    const others = new Set<string>();
    let count = 0;
    for (const key of fieldKeys.keys) {
      const participantId = people.readField(key);
      if (!ids.isAll) others.add(participantId);
      if (++count % STEP === 0) yield;
    }
    const parts = [
      [ids.keys, people.read],
      [others, people.read],
      [chipKeys.keys, chips.read],
      [correctionKeys.keys, corrections.read],
    ] as const;
    for (const [dirty, read] of parts) {
      for (const key of dirty) {
        read(key, touch);
        if (++count % STEP === 0) yield;
      }
    }
    return touched;
  }

  const snapshot = (): Roster => ({
    participants: people.participants.snapshot(),
    chips: chips.chips.snapshot(),
    corrections: corrections.corrections.snapshot(),
  });

  return {
    snapshot,
    roster: { participants: people.participants, chips: chips.chips, corrections: corrections.corrections },
    chipsOf: chips.chipsOf,
    problems: problems.all,
    isStale: () => all.some((it) => it.isStale()),
    update,
    onStale: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => {
      listeners.clear();
      for (const it of all) it.close();
    },
  };
};
