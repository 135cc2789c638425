import type { LedgerEntry } from './outbox-ledger.ts';
import type { OutboxWriter } from './outbox-writer.ts';
import { openTabChannel, type TabMessage } from './tab-channel.ts';

/** The tabs of one person that have one document open: each has the edits of all, also without a relay. */
export interface TabCircle {
  /** Edits that an earlier page left, or another tab made. */
  readonly take: (entries: readonly LedgerEntry[]) => void;
  /** An edit is told to the others once it is stored, so that what they say of it is true; or when it cannot be. */
  readonly share: (entries: readonly LedgerEntry[]) => void;
  /** Asks the others for what the relay may lack. */
  readonly greet: () => void;
  readonly close: () => void;
}

export interface TabCircleEvents {
  readonly onEdits: (updates: readonly Uint8Array[]) => void;
  /** More is known to be stored, or fewer. */
  readonly onChange: () => void;
  readonly onSignedOut: () => void;
}

export const joinTabCircle = (name: string, outbox: OutboxWriter, events: TabCircleEvents): TabCircle => {
  let closed = false;

  const take = (entries: readonly LedgerEntry[]): void => {
    const fresh = entries.filter(outbox.add);
    if (fresh.length > 0) events.onEdits(fresh.map(({ update }) => update));
    events.onChange();
    void outbox.run();
  };

  const share = (entries: readonly LedgerEntry[]): void => {
    if (entries.length > 0 && !closed) channel.post({ type: 'edits', entries });
  };

  const hear = (message: TabMessage): void => {
    if (closed) return;
    if (message.type === 'hello') share(outbox.entries());
    else if (message.type === 'edits') take(message.entries);
    else events.onSignedOut();
  };
  const channel = openTabChannel(name, hear);

  return {
    take,
    share,
    greet: () => channel.post({ type: 'hello' }),
    close: () => {
      closed = true;
      channel.close();
    },
  };
};
