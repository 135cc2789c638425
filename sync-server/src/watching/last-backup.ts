/** When a backup was last made, as far as this relay knows. */
export interface LastBackup {
  readonly note: (at: number) => void;
  /** In ms since the Unix epoch; null: not since the relay started, and nobody told of an earlier one. */
  readonly at: () => number | null;
}

export const createLastBackup = (): LastBackup => {
  let last: number | null = null;
  return {
    note: (at) => {
      last = Math.max(at, last ?? at);
    },
    at: () => last,
  };
};
