import { z } from 'zod';

/**
 * Ids are branded strings, so that a race id cannot be passed for a stream id.
 * All are 1–128 characters of `A-Za-z0-9._~-`: safe in a path, a document name, a file
 * name and a log line. What is not such a name is refused at the edge, once.
 */
const NAME = /^[A-Za-z0-9._~-]{1,128}$/;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** `.` and `..` match the character set but climb directories. */
const isName = (text: string): boolean => NAME.test(text) && text !== '.' && text !== '..';

const name = () => z.string().refine(isName, 'expected 1-128 characters of A-Z a-z 0-9 . _ ~ -');

/** A UUID may come in any case (RT-33); its canonical spelling is lower case. */
const canonical = (text: string): string => (UUID.test(text) ? text.toLowerCase() : text);

export const isEventId = (text: string | undefined): text is EventId => text !== undefined && isName(text);

export const EventId = name().brand<'EventId'>();
export type EventId = z.infer<typeof EventId>;

export const RaceId = name().transform(canonical).pipe(z.string().brand<'RaceId'>());
export type RaceId = z.infer<typeof RaceId>;

export const isNodeId = (text: string | undefined): text is NodeId => text !== undefined && isName(text);

export const NodeId = name().brand<'NodeId'>();
export type NodeId = z.infer<typeof NodeId>;

/** `<nodeId>.<reader name>`: unique by itself, and the same again after a relay lost its disk. */
export const StreamId = z
  .string()
  .refine((text) => /^[A-Za-z0-9._~-]{3,257}$/.test(text), 'expected <nodeId>.<reader> of A-Z a-z 0-9 . _ ~ -')
  .brand<'StreamId'>();
export type StreamId = z.infer<typeof StreamId>;

export const PointId = name().brand<'PointId'>();
export type PointId = z.infer<typeof PointId>;

export const TokenId = name().brand<'TokenId'>();
export type TokenId = z.infer<typeof TokenId>;

/** Numbered segment of a stream: 1, 2, 3 … */
export const Epoch = z.int().min(1).max(0xffff_ffff);

/** Number of a read in its epoch: 1, 2, 3 … without gaps. 0 in a clock means "none yet". */
export const Seq = z.int().min(1);

export const isUuid = (text: string): boolean => UUID.test(text);

/** Replaces what a stream id cannot carry with `~`; a reader name is at most 128 characters. */
export const readerNameToId = (reader: string): string => reader.slice(0, 128).replace(/[^A-Za-z0-9._-]/g, '~');

export const streamIdOf = (nodeId: NodeId, reader: string): StreamId =>
  StreamId.parse(`${nodeId}.${readerNameToId(reader)}`);
