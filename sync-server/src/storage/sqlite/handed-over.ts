import type { NumberedAnswer, NumberedCall } from './worker-messages.ts';

/** What is smaller is copied: it costs less than to hand a buffer over. */
const MIN_BYTES = 16 * 1024;

function* bytesOfCall({ call }: NumberedCall): Iterable<Uint8Array> {
  if (call.type === 'appendDoc') yield call.updates.bytes;
  if (call.type !== 'commit') return;
  for (const change of call.changes) {
    if (change.type === 'putDocAhead') yield change.update;
    if (change.type === 'putFacts' || change.type === 'putFactsAhead')
      for (const { bytes } of change.facts) yield bytes;
  }
}

function* bytesOfAnswer(answer: NumberedAnswer): Iterable<Uint8Array> {
  if (answer.type !== 'answer' || !Array.isArray(answer.value)) return;
  for (const it of answer.value as readonly (Uint8Array | string | { readonly bytes?: unknown })[]) {
    if (it instanceof Uint8Array) yield it;
    else if (typeof it === 'object' && it.bytes instanceof Uint8Array) yield it.bytes;
  }
}

/** A view of a larger buffer, such as a socket's or the pool's, is copied: others read the rest of it. */
const whole = ({ buffer, byteLength }: Uint8Array): ArrayBuffer | null =>
  byteLength >= MIN_BYTES && byteLength === buffer.byteLength && buffer instanceof ArrayBuffer ? buffer : null;

const buffersOf = (all: Iterable<Uint8Array>): ArrayBuffer[] => {
  const buffers = new Set<ArrayBuffer>();
  for (const bytes of all) {
    const buffer = whole(bytes);
    if (buffer !== null) buffers.add(buffer);
  }
  return [...buffers];
};

/**
 * Buffers that go to the other thread as they are, instead of being copied: official results of a large race are some ten
 * megabytes in one message, as is a large roster, and a copy of them is one turn of the event loop. Whoever posts them has them no more.
 */
export const handedOverWithCalls = (calls: readonly NumberedCall[]): ArrayBuffer[] =>
  buffersOf(calls.flatMap((it) => [...bytesOfCall(it)]));

/** As above, on the way back: stored facts and documents. */
export const handedOverWithAnswers = (answers: readonly NumberedAnswer[]): ArrayBuffer[] =>
  buffersOf(answers.flatMap((it) => [...bytesOfAnswer(it)]));
