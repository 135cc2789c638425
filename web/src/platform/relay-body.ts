import {
  type EpochBody,
  EpochList,
  type EventBody,
  EventList,
  type StreamBody,
  StreamList,
  type TokenBody,
  TokenList,
} from '@baton/schema/http';
import { NodeId } from '@baton/schema/ids';
import { z } from 'zod';

/** Decoders of the relay's answers to an operator's page: null for a body that this page does not understand. */

export const decoded =
  <S extends z.ZodType>(schema: S) =>
  (body: unknown): z.infer<S> | null => {
    const parsed = schema.safeParse(body);
    return parsed.success ? parsed.data : null;
  };

/** A node of the event, attached now or before. Times are ms since the Unix epoch. */
export const NodeRow = z.object({
  nodeId: NodeId,
  role: z.string(),
  label: z.string().nullable(),
  state: z.string(),
  clientVersion: z.string(),
  readOnly: z.boolean(),
  attachedAt: z.number().nullable(),
  lastHeartbeatAt: z.number().nullable(),
});
export type NodeRow = z.infer<typeof NodeRow>;

const NodeList = z.object({ nodes: z.array(NodeRow) });

export const decodeEvents = (body: unknown): readonly EventBody[] | null => decoded(EventList)(body)?.events ?? null;
export const decodeStreams = (body: unknown): readonly StreamBody[] | null =>
  decoded(StreamList)(body)?.streams ?? null;
export const decodeEpochs = (body: unknown): readonly EpochBody[] | null => decoded(EpochList)(body);
export const decodeNodes = (body: unknown): readonly NodeRow[] | null => decoded(NodeList)(body)?.nodes ?? null;
export const decodeTokens = (body: unknown): readonly TokenBody[] | null => decoded(TokenList)(body)?.tokens ?? null;
