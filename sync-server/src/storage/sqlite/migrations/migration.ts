/** One step of the data layout. Released steps are never edited: a change of layout is the next step. */
export interface Migration {
  /** 1, 2, 3 … in order. */
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}
