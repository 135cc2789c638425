/**
 * Bounds of what one update may be and of what it may make of its document (decision 0007). Honest clients stay far below:
 * the largest that one sends is its whole document, after a relay lost its disk.
 */
export interface GateLimits {
  /** Client ids with structs, or with deletions, in one update. */
  readonly clients: number;
  readonly structs: number;
  readonly deletedRanges: number;
  /** Clients of one update whose changes begin past what the document has of them. */
  readonly gaps: number;
  /** Client ids a document has had; each is in every state vector for ever. */
  readonly docClients: number;
  /** Root types of a document; those of later versions included. */
  readonly docRoots: number;
  readonly rootBytes: number;
  /** UTF-8 bytes of a key of a map. */
  readonly keyBytes: number;
  /** Bytes of one value: the smallest piece that Yjs can be given. */
  readonly valueBytes: number;
  /** Arrays and objects inside each other within a value. */
  readonly valueDepth: number;
  /** Maps, lists and texts inside each other. */
  readonly mapDepth: number;
  /**
   * Keys and pieces of lists of what is a value, and of all below it: they are deleted in one go. A piece is what one client
   * wrote side by side, without a hole.
   */
  readonly nestedKeys: number;
  /** Of all lists below such a one, pieces times values: what deleting them may copy. */
  readonly nestedCopies: number;
  /**
   * Former values of one key, or concurrent items of a list, that a concurrent change may have to be placed among; what one
   * client wrote in a row is one.
   */
  readonly history: number;
  /** Steps that placing all concurrent changes of one update, and cutting what is in one piece, may take; twice as many. */
  readonly walk: number;
}

export const GATE_LIMITS: GateLimits = {
  clients: 8192,
  structs: 262_144,
  deletedRanges: 262_144,
  gaps: 64,
  docClients: 8192,
  docRoots: 64,
  rootBytes: 64,
  keyBytes: 2048,
  valueBytes: 160 * 1024,
  valueDepth: 32,
  mapDepth: 16,
  nestedKeys: 8192,
  nestedCopies: 4_194_304,
  history: 16_384,
  walk: 4_000_000,
};

/** For what the relay itself has stored. */
export const NO_LIMITS: GateLimits = {
  clients: Number.POSITIVE_INFINITY,
  structs: Number.POSITIVE_INFINITY,
  deletedRanges: Number.POSITIVE_INFINITY,
  gaps: Number.POSITIVE_INFINITY,
  docClients: Number.POSITIVE_INFINITY,
  docRoots: Number.POSITIVE_INFINITY,
  rootBytes: Number.POSITIVE_INFINITY,
  keyBytes: Number.POSITIVE_INFINITY,
  valueBytes: Number.POSITIVE_INFINITY,
  valueDepth: Number.POSITIVE_INFINITY,
  mapDepth: Number.POSITIVE_INFINITY,
  nestedKeys: Number.POSITIVE_INFINITY,
  nestedCopies: Number.POSITIVE_INFINITY,
  history: Number.POSITIVE_INFINITY,
  walk: Number.POSITIVE_INFINITY,
};

/** Client ids are 32 bits in Yjs 13. */
export const MAX_CLIENT = 0xffff_ffff;
export const MAX_CLOCK = 0x7fff_ffff;
