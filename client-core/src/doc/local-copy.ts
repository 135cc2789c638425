/** Why this device does not keep a document, or its newest edits. */
export interface DeviceFault {
  readonly type: /** The browser gives this page no storage: private window, blocked by a setting. */
    | 'refused'
    | 'quota'
    /** The browser, or somebody, cleared what was kept. */
    | 'evicted'
    /** A tab with an older page holds the database, and must be closed. */
    | 'blocked'
    /** A newer page has changed the database: this one must be loaded again. */
    | 'superseded'
    /** The database does not answer. */
    | 'silent'
    /** Signed out in another tab. */
    | 'signed-out'
    | 'failed';
  /** The browser's own words. */
  readonly message: string;
}

export type CopyState =
  | { readonly type: 'none' }
  | { readonly type: 'opening' }
  /** The first `edits` edits that were told are on this device's disk, or settled. `damaged` ones of earlier pages cannot be read. */
  | { readonly type: 'kept'; readonly edits: number; readonly damaged: number }
  | { readonly type: 'not-kept'; readonly fault: DeviceFault };

/** What a copy tells the document's client, which merges it. */
export interface CopyEvents {
  /** Something that was at the relay when it was kept. */
  readonly onState: (update: Uint8Array) => void;
  /** Edits of an earlier page or another tab that the relay may lack: one edit each, numbered as the page's own are. */
  readonly onEdits: (updates: readonly Uint8Array[]) => void;
  /** After each change of `state`. */
  readonly onChange: () => void;
  /** The whole document as it is now. */
  readonly encode: () => Uint8Array;
}

/** Opens what this device holds of a document. */
export type KeepCopy = (name: string, events: CopyEvents) => LocalCopy;

/**
 * A document on this device: its state as a cache of the relay's, and an outbox of edits, each on disk from
 * its making until the relay has it on its own. It knows bytes only; the client owns the `Y.Doc`.
 */
export interface LocalCopy {
  /** What was held has been told, or cannot be had: `state` says which. Never rejects. */
  readonly opened: Promise<void>;
  readonly state: () => CopyState;
  /** An edit was made here. */
  readonly keepEdit: (update: Uint8Array) => void;
  /** The relay sent a change. */
  readonly keepState: (update: Uint8Array) => void;
  /** The first `edits` edits are on the relay's disk. */
  readonly settle: (edits: number) => void;
  readonly close: () => void;
}
