import { ClockJson, clockFromJson, clockToJson, type VectorClock } from '@baton/schema/reads';
import { err, ok, type Result } from '@baton/schema/result';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { z } from 'zod';
import type { StateCodec } from './consumer.ts';

/** What a consumer goes on from: everything up to the clock is in the state, and its effects are done. */
export interface Checkpoint<S> {
  readonly state: S;
  readonly clock: VectorClock;
}

export interface BadCheckpoint {
  readonly type: 'corrupt' | 'other-version' | 'other-state';
  readonly message: string;
}

/** Of the text around the state; a change of it makes older checkpoints unreadable, so they are rebuilt. */
const FORMAT = 1;

const Body = z.object({
  format: z.literal(FORMAT),
  consumer: z.string(),
  version: z.string(),
  clock: ClockJson,
  state: z.unknown(),
});

const sumOf = (text: string): string => bytesToHex(sha256(utf8ToBytes(text)));

interface Owner<S> {
  readonly name: string;
  readonly version: string;
  readonly codec?: StateCodec<S>;
}

/** A line with the SHA-256 of the rest, then JSON. */
export const encodeCheckpoint = <S>(owner: Owner<S>, { state, clock }: Checkpoint<S>): string => {
  const { name: consumer, version, codec } = owner;
  const body = { format: FORMAT, consumer, version, clock: clockToJson(clock), state: codec?.encode(state) ?? state };
  const text = JSON.stringify(body);
  return `${sumOf(text)}\n${text}`;
};

const bad = (type: BadCheckpoint['type'], message: string): Result<never, BadCheckpoint> => err({ type, message });

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no body: told as a corrupt checkpoint
  }
};

export const decodeCheckpoint = <S>(owner: Owner<S>, stored: string): Result<Checkpoint<S>, BadCheckpoint> => {
  const end = stored.indexOf('\n');
  const text = stored.slice(end + 1);
  if (end < 0 || sumOf(text) !== stored.slice(0, end)) return bad('corrupt', 'its checksum does not fit');
  const body = Body.safeParse(parse(text));
  if (!body.success) return bad('corrupt', 'it is no checkpoint of this format');
  const { consumer, version, clock, state: json } = body.data;
  if (consumer !== owner.name || version !== owner.version) {
    return bad(
      'other-version',
      `it is of ${consumer} version ${version}, this is ${owner.name} version ${owner.version}`,
    );
  }
  // without a codec the state is what JSON made of it: the same version wrote it
  const state = owner.codec === undefined ? (json as S) : owner.codec.decode(json);
  return state === null
    ? bad('other-state', 'its state is none of this consumer’s')
    : ok({ state, clock: clockFromJson(clock) });
};
