import type { PreparedFrame } from '../transport/prepared-frame.ts';

/** How much is remembered of what changed a document lately. */
export interface ChangeLogLimits {
  readonly changes: number;
  readonly bytes: number;
}

/** Changes of a document in their order, each with its number: what an answer that was encoded earlier lacks. */
export interface ChangeLog {
  /** Number of the next change. */
  readonly position: () => number;
  readonly add: (frame: PreparedFrame) => void;
  /** All from this one on; who asks twice for the same gets the same array. */
  readonly since: (position: number) => readonly PreparedFrame[];
  readonly isFull: () => boolean;
  readonly forgetBefore: (position: number) => void;
}

export const createChangeLog = (limits: ChangeLogLimits): ChangeLog => {
  let first = 0;
  let frames: PreparedFrame[] = [];
  let bytes = 0;
  let told: { readonly position: number; readonly frames: readonly PreparedFrame[] } | null = null;

  return {
    position: () => first + frames.length,
    add: (frame) => {
      frames.push(frame);
      bytes += frame.bytes;
      told = null;
    },
    since: (position) => {
      if (told?.position !== position) told = { position, frames: frames.slice(position - first) };
      return told.frames;
    },
    isFull: () => frames.length > limits.changes || bytes > limits.bytes,
    forgetBefore: (position) => {
      const count = position - first;
      if (count <= 0) return;
      for (const dropped of frames.slice(0, count)) bytes -= dropped.bytes;
      frames = frames.slice(count);
      first = position;
      told = null;
    },
  };
};
