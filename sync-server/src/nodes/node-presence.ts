import type { Refusal } from '@baton/schema/errors';
import type { EventId, NodeId, StreamId } from '@baton/schema/ids';
import type { TokenRecord } from '../storage/records.ts';
/** Who is attached right now. */
export interface NodePresence {
  /** Whether a forwarder's session is open. */
  readonly isAttached: (nodeId: NodeId) => boolean;
  /** Whether a forwarder can be commanded: attached here, or where a link leads that is attached to this event. */
  readonly isReached: (nodeId: NodeId, eventId: EventId) => boolean;
  readonly nodes: (eventId: EventId) => readonly AttachedNode[];
  /** State of a reader as its forwarder last told; undefined when never. */
  readonly readerState: (streamId: StreamId) => ReaderState | undefined;
  /** How often an open session of the node was taken over by a newer one, since the relay started. */
  readonly takeovers: (nodeId: NodeId) => Takeovers;
  /** The node attached anew without a session: an open one is fenced. */
  readonly fence: (nodeId: NodeId, at: number) => void;
  /** Ends the node's session in this event, telling it why. */
  readonly dismiss: (nodeId: NodeId, eventId: EventId, why: Refusal | null) => void;
  /** Called when a link to another relay has come to an event, or gone. Returns the way to stop. */
  readonly onLinks: (listener: (eventId: EventId) => void) => () => void;
  /** Sends `epochCommand` to the forwarder's session, or into that of a link to it; false when there is none. */
  readonly commandEpoch: (streamId: StreamId, epoch: number) => boolean;
}

export interface AttachedNode {
  readonly nodeId: NodeId;
  readonly eventId: EventId;
  readonly role: TokenRecord['role'];
  readonly label: string | null;
  readonly clientVersion: string;
  readonly attachedAt: number;
  readonly lastHeartbeatAt: number;
  /** What a receiver has selected last, if anything. */
  readonly selectedRaceId: string | null;
}

export interface Takeovers {
  readonly count: number;
  readonly lastAt: number | null;
}

export interface ReaderState {
  readonly connected: boolean;
  readonly lastLineAt: number | null;
  readonly linesPerSecond: number;
  /** Reader's clock minus forwarder's clock in ms at the last line; null when unknown. */
  readonly clockOffsetMs: number | null;
  readonly unparsable: number;
  readonly journalHead: number;
}
