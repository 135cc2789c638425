import { joinFrames, type PreparedFrame } from '../transport/prepared-frame.ts';

/** Frames that not every spectator has got yet, numbered from 0. One who lags gets several of them in one write. */
export interface FrameLog {
  /** Number of the next frame. */
  readonly end: () => number;
  readonly push: (frame: PreparedFrame) => void;
  /** The bytes of all frames from this number on, for a socket to write; joined once for all who are at the same place. */
  readonly since: (from: number) => readonly Uint8Array[];
  /** Everybody has got what is before. */
  readonly dropBefore: (number: number) => void;
  readonly bytes: () => number;
}

export const createFrameLog = (): FrameLog => {
  let frames: PreparedFrame[] = [];
  let first = 0;
  let bytes = 0;
  let joined = new Map<number, readonly Uint8Array[]>();

  const end = (): number => first + frames.length;

  return {
    end,
    push: (frame) => {
      frames.push(frame);
      bytes += frame.bytes;
      joined = new Map();
    },
    since: (from) => {
      const known = joined.get(from);
      if (known !== undefined) return known;
      const pieces = joinFrames(frames.slice(Math.max(0, from - first)));
      joined.set(from, pieces);
      return pieces;
    },
    dropBefore: (number) => {
      const count = Math.min(frames.length, Math.max(0, number - first));
      if (count === 0) return;
      for (const dropped of frames.slice(0, count)) bytes -= dropped.bytes;
      frames = frames.slice(count);
      first += count;
      joined = new Map();
    },
    bytes: () => bytes,
  };
};
