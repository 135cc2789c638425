import type { HelloMessage, RelayNode } from '@baton/schema/protocol';
import { relayNodeOf } from '@baton/schema/protocol';
import type { Grant } from '../auth/grant.ts';
import type { Registry, StreamRow } from '../registry/registry.ts';
import type { Greeting } from './greeting.ts';

/**
 * Whether a session is a link to another relay (decision 0020): a node that says so, with a token that may do all it does one by
 * one, for an operator makes forwarders' tokens and edits streams. Null: it is none, whatever it says.
 */
export const linkOf = (
  grant: Pick<Grant, 'role'>,
  { nodeId }: Pick<Greeting, 'nodeId'>,
  { capabilities }: Pick<HelloMessage, 'capabilities'>,
): RelayNode | null => {
  if (nodeId === null || (grant.role !== 'operator' && grant.role !== 'admin')) return null;
  return relayNodeOf(capabilities);
};

/** The streams that a session is welcomed with: its own, or for a link all of the event. */
export const welcomedStreams = (
  registry: Pick<Registry, 'stream' | 'streams'>,
  { streams }: Pick<Greeting, 'streams'>,
  { eventId }: Pick<HelloMessage, 'eventId'>,
  isLink: boolean,
): readonly StreamRow[] =>
  isLink ? registry.streams(eventId) : streams.flatMap(({ streamId }) => registry.stream(streamId) ?? []);
