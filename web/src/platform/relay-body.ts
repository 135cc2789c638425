import {
  type EpochBody,
  EpochList,
  type EventBody,
  EventList,
  type ListedToken,
  type NodeBody,
  NodeList,
  type StreamBody,
  StreamList,
  TokenList,
} from '@baton/schema/http';
import type { z } from 'zod';

/** Decoders of the relay's answers to an operator's page: null for a body that this page does not understand. */

export const decoded =
  <S extends z.ZodType>(schema: S) =>
  (body: unknown): z.infer<S> | null => {
    const parsed = schema.safeParse(body);
    return parsed.success ? parsed.data : null;
  };

export const decodeEvents = (body: unknown): readonly EventBody[] | null => decoded(EventList)(body)?.events ?? null;
export const decodeStreams = (body: unknown): readonly StreamBody[] | null =>
  decoded(StreamList)(body)?.streams ?? null;
export const decodeEpochs = (body: unknown): readonly EpochBody[] | null => decoded(EpochList)(body);
export const decodeNodes = (body: unknown): readonly NodeBody[] | null => decoded(NodeList)(body)?.nodes ?? null;
export const decodeTokens = (body: unknown): readonly ListedToken[] | null => decoded(TokenList)(body)?.tokens ?? null;
