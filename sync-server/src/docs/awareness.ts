import { err, ok, type Result } from '@baton/schema/result';
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { type BadFrame, guarded } from './frames.ts';

/**
 * Who is here and what they edit, in the format of y-protocols' awareness. Kept by hand because
 * that class starts a timer of its own when built, keeps states of any size and lets anybody speak
 * for anybody.
 *
 * ```text
 * update := count {clientId clock state(JSON string; "null" = gone)}*
 * ```
 */
export interface AwarenessEntry {
  readonly clientId: number;
  readonly clock: number;
  readonly state: string;
}

/** Bounds of a document's awareness. */
export interface AwarenessLimits {
  readonly stateChars: number;
  readonly entriesPerFrame: number;
  /** Client ids one connection may speak for. */
  readonly idsPerPeer: number;
  readonly ids: number;
}

export const AWARENESS_LIMITS: AwarenessLimits = { stateChars: 4096, entriesPerFrame: 512, idsPerPeer: 4, ids: 512 };

const GONE = 'null';

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    // the answer itself: a state that is no JSON would throw in every other client
    return false;
  }
};

const refuse = (message: string): Result<never, BadFrame> => err({ type: 'bad-frame', message });

export const decodeAwareness = (
  update: Uint8Array,
  limits: AwarenessLimits = AWARENESS_LIMITS,
): Result<readonly AwarenessEntry[], BadFrame> =>
  guarded(() => {
    const decoder = decoding.createDecoder(update);
    const count = decoding.readVarUint(decoder);
    if (count > limits.entriesPerFrame)
      return refuse(`an awareness frame has at most ${limits.entriesPerFrame} states`);
    const entries: AwarenessEntry[] = [];
    for (let at = 0; at < count; at++) {
      const clientId = decoding.readVarUint(decoder);
      const clock = decoding.readVarUint(decoder);
      const state = decoding.readVarString(decoder);
      if (state.length > limits.stateChars)
        return refuse(`an awareness state has at most ${limits.stateChars} characters`);
      if (!isJson(state)) return refuse('an awareness state is JSON');
      entries.push({ clientId, clock, state });
    }
    return ok(entries);
  });

/** Who somebody is, as their token says. */
export interface Identity {
  readonly name: string;
  readonly role: 'admin' | 'operator';
}

/** The client's own fields, and `user` as the relay says; a state that is no object has no fields. */
export const stampEntry = (entry: AwarenessEntry, user: Identity): AwarenessEntry => {
  if (entry.state === GONE) return entry;
  const state: unknown = JSON.parse(entry.state);
  const fields = typeof state === 'object' && !Array.isArray(state) ? Object.entries(state ?? {}) : [];
  // a key `__proto__` is data here, and no longer once a client copies it field by field
  const kept = fields.filter(([key]) => key !== '__proto__' && key !== 'user');
  return { ...entry, state: JSON.stringify({ ...Object.fromEntries(kept), user }) };
};

export const encodeAwareness = (entries: readonly AwarenessEntry[]): Uint8Array => {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, entries.length);
  for (const { clientId, clock, state } of entries) {
    encoding.writeVarUint(encoder, clientId);
    encoding.writeVarUint(encoder, clock);
    encoding.writeVarString(encoder, state);
  }
  return encoding.toUint8Array(encoder);
};

export interface AwarenessTable<Peer> {
  /** Takes what a peer says of itself; what it repeats of others is left out. Returns what changed. */
  readonly take: (peer: Peer, entries: readonly AwarenessEntry[]) => readonly AwarenessEntry[];
  /** The peer is gone: its states as removals. */
  readonly leave: (peer: Peer) => readonly AwarenessEntry[];
  readonly present: () => readonly AwarenessEntry[];
}

interface Slot<Peer> {
  /** Null once it has gone; the clock stays, so that an echo of a state does not bring it back. */
  readonly peer: Peer | null;
  readonly entry: AwarenessEntry;
}

/** States by client id; the first connection that speaks for an id owns it until it goes. */
export const createAwarenessTable = <Peer>(limits: AwarenessLimits = AWARENESS_LIMITS): AwarenessTable<Peer> => {
  const slots = new Map<number, Slot<Peer>>();

  const isOwn = (slot: Slot<Peer> | undefined, peer: Peer): boolean => slot?.peer === peer;

  const owned = (peer: Peer): readonly Slot<Peer>[] => [...slots.values()].filter((slot) => slot.peer === peer);

  /** Room for one more id, at the expense of those who have gone. */
  const makeRoom = (): boolean => {
    if (slots.size < limits.ids) return true;
    for (const [clientId, slot] of slots) {
      if (slot.peer !== null) continue;
      slots.delete(clientId);
      return true;
    }
    return false;
  };

  const accepts = (peer: Peer, entry: AwarenessEntry): boolean => {
    const slot = slots.get(entry.clientId);
    if (isOwn(slot, peer)) {
      return entry.clock > (slot?.entry.clock ?? 0) || (entry.clock === slot?.entry.clock && entry.state === GONE);
    }
    if (slot !== undefined && (slot.peer !== null || entry.clock <= slot.entry.clock)) return false;
    if (entry.state === GONE || owned(peer).length >= limits.idsPerPeer) return false;
    return slot !== undefined || makeRoom();
  };

  const put = (peer: Peer, entry: AwarenessEntry): void => {
    slots.set(entry.clientId, { peer: entry.state === GONE ? null : peer, entry });
  };

  return {
    take: (peer, entries) => {
      const changed: AwarenessEntry[] = [];
      for (const entry of entries) {
        if (!accepts(peer, entry)) continue;
        put(peer, entry);
        changed.push(entry);
      }
      return changed;
    },
    leave: (peer) => {
      const removed = owned(peer).map(({ entry }): AwarenessEntry => ({ ...entry, state: GONE }));
      for (const entry of removed) slots.set(entry.clientId, { peer: null, entry });
      return removed;
    },
    present: () => [...slots.values()].filter((slot) => slot.peer !== null).map((slot) => slot.entry),
  };
};
