import type { StorageChoice } from './storage-ladder.ts';

/** Reads of a replica that another tab may ask the owner for; all may be asked twice. */
export const READ_METHODS = [
  'clock',
  'query',
  'select',
  'progress',
  'resultsState',
  'end',
  'readFrom',
  'targets',
] as const;
export type ReadMethod = (typeof READ_METHODS)[number];

/** What the tabs of one replica tell each other. */
export type TabWord =
  /** A tab has come, or asks whether the owner is there. */
  | { readonly type: 'ping' }
  | {
      readonly type: 'owner';
      /** The database is still being opened. */
      readonly opens: boolean;
      /** Of pages and tables: tabs of another do not understand each other. */
      readonly version: string;
      /** Another one: positions of the former mean nothing in it. */
      readonly databaseId: string;
      readonly storage: StorageChoice | null;
    }
  | {
      readonly type: 'call';
      readonly to: string;
      readonly id: number;
      readonly method: ReadMethod;
      readonly args: readonly unknown[];
    }
  | { readonly type: 'answer'; readonly to: string; readonly id: number; readonly value: unknown }
  /** Something happened in the owner's replica. */
  | { readonly type: 'event'; readonly name: 'commit' | 'change'; readonly value: unknown }
  /** What the owner shows of itself, as its status of pulling. */
  | { readonly type: 'published'; readonly value: unknown }
  /** For the owner, from a page that follows: what it makes of it is the page's. */
  | { readonly type: 'command'; readonly value: unknown };

export type TabMessage = TabWord & { readonly from: string };

/** One channel per replica and browser. */
export interface TabLine {
  readonly post: (message: TabMessage) => void;
  readonly close: () => void;
}

export type OpenTabLine = (name: string, onMessage: (message: TabMessage) => void) => TabLine;

const TYPES: ReadonlySet<string> = new Set(['ping', 'owner', 'call', 'answer', 'event', 'published', 'command']);

const isRecord = (data: unknown): data is Readonly<Record<string, unknown>> =>
  typeof data === 'object' && data !== null;

const isCall = ({ to, id, method, args }: Readonly<Record<string, unknown>>): boolean =>
  typeof to === 'string' && typeof id === 'number' && READ_METHODS.some((it) => it === method) && Array.isArray(args);

/** Null for what a page of another version says in words that this one does not know. */
export const readTabMessage = (data: unknown): TabMessage | null => {
  if (!isRecord(data) || typeof data['from'] !== 'string' || typeof data['type'] !== 'string') return null;
  if (!TYPES.has(data['type'])) return null;
  if (data['type'] === 'call' && !isCall(data)) return null;
  if (data['type'] === 'answer' && (typeof data['to'] !== 'string' || typeof data['id'] !== 'number')) return null;
  if (data['type'] === 'owner' && (typeof data['version'] !== 'string' || typeof data['opens'] !== 'boolean'))
    return null;
  return data as unknown as TabMessage;
};

export const openTabLine: OpenTabLine = (name, onMessage) => {
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
