import type { Roster, Setup } from '@baton/schema/doc';
import type { StreamId } from '@baton/schema/ids';
import type { NumberedRead, Pair } from '@baton/schema/reads';

/** A read with its identity: `(streamId, epoch, seq)`. */
export interface ReadItem extends NumberedRead, Pair {
  readonly type: 'read';
}

/**
 * The documents as they are: told before the first read and after each change. It is a state, not an edit, and comes
 * again after each start; it has no place in the clock.
 */
export interface SetupItem {
  readonly type: 'setup';
  readonly setup: Setup;
  readonly roster: Roster;
}

/** What consumers are given, one at a time. Reads of one epoch come in the order of their numbers; epochs come in any order. */
export type LiveItem = ReadItem | SetupItem;

/** Reads of one epoch with numbers in a row, at least one. */
export interface ReadRun {
  readonly streamId: StreamId;
  readonly epoch: number;
  readonly reads: readonly NumberedRead[];
}

/** How a state becomes JSON in a checkpoint, and back; `null` from `decode`: not such a state, so it is rebuilt. */
export interface StateCodec<S> {
  encode(state: S): unknown;
  decode(json: unknown): S | null;
}

/** Methods, not function properties: so that consumers of any states stand in one list, as consumers of unknown ones. */
interface Consumer<S> {
  /** Names its checkpoint and its dead letters: 1–64 of `A-Za-z0-9._-`, no dot first. */
  readonly name: string;
  /** Of its logic. A checkpoint of another version is not read: everything is computed anew. */
  readonly version: string;
  initial(): S;
  /** Left out: the state is plain JSON. */
  readonly codec?: StateCodec<S>;
}

/** A fold: a state that is a function of the items. */
export interface Projection<S> extends Consumer<S> {
  /** May change the state in place and return it. An item on which it throws is skipped, counted and reported. */
  apply(state: S, item: LiveItem): S;
}

/** Something to be done outside. */
export interface Command {
  /**
   * Idempotency key, the same whenever the same items are looked at again: a command may run more than once (a crash between
   * its effect and the checkpoint), and who receives it takes the same key for the same deed. At most 512 characters.
   */
  readonly key: string;
  /** Name of the dispatcher. */
  readonly type: string;
  /** JSON. */
  readonly payload: unknown;
}

export interface Reaction<S> {
  readonly state: S;
  readonly commands: readonly Command[];
}

/** Time passed; told to those who ask for it, once caught up. */
export interface TickItem {
  readonly type: 'tick';
  /** Wall clock, ms since the Unix epoch. */
  readonly now: number;
}

/** Reacts to items with commands. Its position moves only after all commands of an item ran or became dead letters. */
export interface ProcessManager<S> extends Consumer<S> {
  /** Must not change the state it is given. */
  react(state: S, item: LiveItem | TickItem): Reaction<S>;
  /** Milliseconds between ticks; left out: none. */
  readonly tickMs?: number;
}

const NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$/;

/** Names go into file names: a wrong or doubled one is a mistake of the program that chose it. */
export const checkNames = (names: readonly string[]): void => {
  for (const name of names) {
    if (!NAME.test(name))
      throw new TypeError(`consumer ${JSON.stringify(name)}: expected 1–64 of A-Za-z0-9._-, no dot first`);
  }
  const double = names.find((name, index) => names.indexOf(name) !== index);
  if (double !== undefined) throw new TypeError(`two consumers are called ${double}: their checkpoints would mix`);
};
