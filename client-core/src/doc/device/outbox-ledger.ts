/** An edit on its way: `id` is its key on the device, given by the page that made it. */
export interface OutboxEntry {
  readonly id: string;
  readonly update: Uint8Array;
}

export interface LedgerEntry extends OutboxEntry {
  /** It is in the outbox on this device's disk. */
  readonly stored: boolean;
}

interface Line extends OutboxEntry {
  stored: boolean;
}

/**
 * The edits that this page knows of and the relay has not confirmed, in the order of their numbers. They are
 * held in memory too: whatever happens to the device's storage, they can be stored again.
 */
export interface OutboxLedger {
  /** Takes the next number; false when the edit is known: then at most it is news that it is stored. */
  readonly add: (entry: LedgerEntry) => boolean;
  /** All, in order. */
  readonly entries: () => readonly LedgerEntry[];
  /** The first `limit` that are not on the device's disk. */
  readonly unstored: (limit: number) => readonly LedgerEntry[];
  readonly markStored: (entries: readonly OutboxEntry[]) => void;
  /** What was on the disk is gone. */
  readonly forgetStored: () => void;
  /** Highest number up to which every edit is stored or settled. */
  readonly storedCount: () => number;
  /** Lets go of the first `count` edits and returns those it held. */
  readonly settle: (count: number) => readonly OutboxEntry[];
}

export const createOutboxLedger = (): OutboxLedger => {
  let lines: Line[] = [];
  const known = new Map<string, Line>();
  let settled = 0;

  return {
    add: ({ id, update, stored }) => {
      const before = known.get(id);
      if (before !== undefined) {
        before.stored ||= stored;
        return false;
      }
      const line = { id, update, stored };
      lines.push(line);
      known.set(id, line);
      return true;
    },
    entries: () => lines,
    unstored: (limit) => {
      const found: Line[] = [];
      for (const line of lines) {
        if (found.length >= limit) break;
        if (!line.stored) found.push(line);
      }
      return found;
    },
    markStored: (entries) => {
      for (const { id } of entries) {
        const line = known.get(id);
        if (line !== undefined) line.stored = true;
      }
    },
    forgetStored: () => {
      for (const line of lines) line.stored = false;
    },
    storedCount: () => {
      const first = lines.findIndex((line) => !line.stored);
      return settled + (first === -1 ? lines.length : first);
    },
    settle: (count) => {
      const gone = lines.slice(0, Math.max(0, count - settled));
      lines = lines.slice(gone.length);
      for (const { id } of gone) known.delete(id);
      settled += gone.length;
      return gone;
    },
  };
};
