/** Numbers of one epoch that have been taken; a log in order costs one number, not one per read. */
export interface HeldSet {
  /** False when it was there already. */
  readonly add: (seq: number) => boolean;
}

export const createHeldSet = (): HeldSet => {
  let contiguous = 0;
  const beyond = new Set<number>();
  return {
    add: (seq) => {
      if (seq <= contiguous || beyond.has(seq)) return false;
      if (seq !== contiguous + 1) {
        beyond.add(seq);
        return true;
      }
      contiguous = seq;
      while (beyond.delete(contiguous + 1)) contiguous++;
      return true;
    },
  };
};
