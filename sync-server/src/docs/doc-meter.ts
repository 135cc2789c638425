import { DOC_MESSAGE, SYNC_MESSAGE } from '@baton/schema/protocol';
import type { DocBrake } from './doc-brake.ts';

/** A step 2 that says nothing: every stock client answers so, whether or not it has anything. */
const EMPTY_ANSWER_BYTES = 5;

const bringsEdits = (frame: string | Uint8Array): boolean =>
  typeof frame !== 'string' &&
  frame[0] === DOC_MESSAGE.sync &&
  frame[1] !== SYNC_MESSAGE.step1 &&
  frame.length > EMPTY_ANSWER_BYTES;

/**
 * Counts what is to be stored, before the brake. Who has used it up is sent away to come back: its edits stay where they were
 * made, and the answer to the next step 1 brings them all.
 * @param take false: the connection was closed for it
 */
export const meterUpdates = (brake: DocBrake, take: (bytes: number) => boolean): DocBrake => ({
  take: (frame) => (!bringsEdits(frame) || take(frame.length)) && brake.take(frame),
  release: brake.release,
});
