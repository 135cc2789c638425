import type { PgliteDatabase } from './pglite-database.ts';

/** What owner and worker of a PGlite say to each other; calls are answered one after the other. */
export type Method = keyof PgliteDatabase;
export type Arguments<M extends Method> = Parameters<PgliteDatabase[M]>;
export type Answer<M extends Method> = Awaited<ReturnType<PgliteDatabase[M]>>;

export type Call = {
  readonly [M in Method]: { readonly id: number; readonly method: M; readonly args: Arguments<M> };
}[Method];

export type WorkerMessage =
  /** `made`: there was nothing, its tables are new and empty. */
  | { readonly type: 'opened'; readonly made: boolean }
  | { readonly type: 'answer'; readonly id: number; readonly value: unknown }
  /** This call was rolled back for lack of space, and nothing else: the database is sound and goes on. */
  | { readonly type: 'refused'; readonly id: number; readonly message: string }
  /** The database failed, in opening (`id` null) or in a call: it cannot be trusted any more. */
  | {
      readonly type: 'failed';
      readonly id: number | null;
      /** Postgres found its files corrupted. */
      readonly damaged: boolean;
      /** Somebody else still has the files open. */
      readonly busy?: boolean;
      /** Its storage refused to write for lack of space; what Postgres then says may name anything else. */
      readonly full?: boolean;
      readonly message: string;
    };

/** Handed to the worker at its start. */
export interface WorkerInput {
  /** Node: a path. Browser: PGlite's address of it, as `opfs-ahp://name`. */
  readonly directory: string;
  /** A new database begins without the template: the one before, made from it, did not open. */
  readonly plain?: boolean;
}
