import { readdirSync, readFileSync } from 'node:fs';

/** One frame of a socket as it went over the wire; `close` is how the relay's side ended. */
export interface RecordedFrame {
  readonly from: 'client' | 'relay';
  readonly text?: string;
  readonly base64?: string;
  readonly close?: number;
}

/** What a client and a relay of one version said to each other; `recorded/record-conversations.mjs` makes it. */
export interface Conversation {
  readonly version: string;
  readonly path: string;
  readonly frames: readonly RecordedFrame[];
}

export const CONVERSATIONS = [
  'sync-forwarder',
  'sync-receiver',
  'document',
  'live',
  'spectator-feed',
  'field-forwarder',
  'field-receiver-v1',
  'field-receiver-v11',
] as const;
export type ConversationName = (typeof CONVERSATIONS)[number];

/** Beside both `src` and `dist`. */
const FOLDER = new URL('../recorded/', import.meta.url);

/** Versions that were ever released, oldest first. */
export const RECORDED_VERSIONS: readonly string[] = readdirSync(FOLDER)
  .filter((name) => /^\d+\.\d+$/u.test(name))
  .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));

export const conversation = (version: string, name: ConversationName): Conversation =>
  JSON.parse(readFileSync(new URL(`${version}/${name}.json`, FOLDER), 'utf8'));

/** A frame as a socket hands it over; null: it is the end. */
export const dataOf = ({ text, base64 }: RecordedFrame): string | Uint8Array | null => {
  if (text !== undefined) return text;
  return base64 === undefined ? null : new Uint8Array(Buffer.from(base64, 'base64'));
};

/** What one side said, in order. */
export const saidBy = (side: RecordedFrame['from'], { frames }: Conversation): readonly (string | Uint8Array)[] =>
  frames.flatMap((it) => (it.from === side ? (dataOf(it) ?? []) : []));
