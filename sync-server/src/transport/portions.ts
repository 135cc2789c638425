import type { Duplex } from 'node:stream';

/** So much the kernel is given in one turn of the event loop of a write that is larger: some milliseconds of work. */
export const PORTION_BYTES = 1024 * 1024;

/** From here on the stream writes in portions whatever it writes at once. */
export type WriteInPortions = (stream: Duplex) => void;

type Chunks = Parameters<NonNullable<Duplex['_writev']>>[0];

const cut = (chunk: Uint8Array | string, bytes: number): readonly (Uint8Array | string)[] => {
  // text is of `ws` and short: the answer to an upgrade
  if (typeof chunk === 'string' || chunk.length <= bytes) return [chunk];
  const parts: Uint8Array[] = [];
  for (let at = 0; at < chunk.length; at += bytes) parts.push(chunk.subarray(at, at + bytes));
  return parts;
};

const portionsOf = (chunks: Chunks, bytes: number): readonly Chunks[] => {
  const portions: Chunks[] = [];
  let portion: Chunks = [];
  let size = 0;
  for (const { chunk: whole, encoding } of chunks) {
    for (const chunk of cut(whole, bytes)) {
      if (size === 0 || size + chunk.length > bytes) {
        portion = [];
        portions.push(portion);
        size = 0;
      }
      portion.push({ chunk, encoding });
      size += chunk.length;
    }
  }
  return portions;
};

/** A write that goes on in later turns. */
interface Write {
  /** What it waits for its turn with; null while the network has not taken its last portion. */
  goOn: (() => void) | null;
}

/** In each turn of the event loop the oldest write that can goes on: of a crowd that is sent much, some are done early. */
const createLine = (afterTurn: (run: () => void) => void) => {
  const line = new Set<Write>();
  let waiting = 0;

  const nextTurn = (): void => {
    if (--waiting > 0) afterTurn(nextTurn);
    for (const write of line) {
      const { goOn } = write;
      if (goOn === null) continue;
      write.goOn = null;
      return goOn();
    }
  };

  return {
    enter: (): Write => {
      const write: Write = { goOn: null };
      line.add(write);
      return write;
    },
    leave: (write: Write): void => void line.delete(write),
    wait: (write: Write, goOn: () => void): void => {
      write.goOn = goOn;
      if (++waiting === 1) afterTurn(nextTurn);
    },
  };
};

/**
 * Large writes go to the kernel a portion at a time, the first at once, then one of all streams a turn of the event loop. To the stream
 * all portions are one write (`_writev`, as whoever implements a stream gives it): while that is under way it keeps everything that it is
 * told to write, to end or to close behind it, so that no frame of `ws` comes between two portions of one of ours.
 *
 * @param afterTurn runs something when everything that has arrived in this turn of the event loop has been looked at
 */
export const createWriteInPortions = (
  afterTurn: (run: () => void) => void,
  bytes: number = PORTION_BYTES,
): WriteInPortions => {
  const line = createLine(afterTurn);
  const known = new WeakSet<Duplex>();

  return (stream) => {
    const writev = stream._writev?.bind(stream);
    if (writev === undefined || known.has(stream)) return;
    known.add(stream);
    stream._writev = (chunks, done) => {
      const portions = portionsOf(chunks, bytes);
      if (portions.length < 2) return writev(chunks, done);
      const write = line.enter();
      const end = (error?: Error | null): void => {
        line.leave(write);
        done(error);
      };
      const writeFrom = (at: number): void => {
        const portion = portions[at];
        if (portion === undefined) return end();
        writev(portion, (error) => {
          const isLast = at === portions.length - 1;
          if (error || isLast) end(error);
          else line.wait(write, () => writeFrom(at + 1));
        });
      };
      writeFrom(0);
    };
  };
};
