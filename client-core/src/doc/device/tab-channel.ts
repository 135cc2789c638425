import type { LedgerEntry } from './outbox-ledger.ts';

/** What the tabs of one person tell each other of one document. */
export type TabMessage =
  /** A tab has opened it: the others tell what the relay may lack. */
  | { readonly type: 'hello' }
  /** Told once they are stored, or when they cannot be. */
  | { readonly type: 'edits'; readonly entries: readonly LedgerEntry[] }
  /** Signed out: nothing is kept any more. */
  | { readonly type: 'signed-out' };

export interface TabChannel {
  readonly post: (message: TabMessage) => void;
  readonly close: () => void;
}

const isEntry = (value: unknown): value is LedgerEntry =>
  typeof value === 'object' &&
  value !== null &&
  'id' in value &&
  typeof value.id === 'string' &&
  'update' in value &&
  value.update instanceof Uint8Array &&
  'stored' in value &&
  typeof value.stored === 'boolean';

/** Null for what a page of another version says. */
export const readTabMessage = (data: unknown): TabMessage | null => {
  if (typeof data !== 'object' || data === null || !('type' in data)) return null;
  if (data.type === 'hello' || data.type === 'signed-out') return { type: data.type };
  if (data.type !== 'edits' || !('entries' in data) || !Array.isArray(data.entries)) return null;
  return data.entries.every(isEntry) ? { type: 'edits', entries: data.entries } : null;
};

/** A channel without anybody on it where the browser has none. */
export const openTabChannel = (name: string, onMessage: (message: TabMessage) => void): TabChannel => {
  if (typeof BroadcastChannel === 'undefined') return { post: () => {}, close: () => {} };
  const channel = new BroadcastChannel(name);
  channel.onmessage = (event: MessageEvent<unknown>) => {
    const message = readTabMessage(event.data);
    if (message !== null) onMessage(message);
  };
  return {
    post: (message) => channel.postMessage(message),
    close: () => channel.close(),
  };
};
