import type { Replica } from '@baton/client-core';

/** What the page is told, in its address. */
export interface PageTask {
  readonly candidate: CandidateName;
  /** `cold`: nothing is there, all is pulled. `warm`: what a cold run left is opened, without a relay. */
  readonly start: 'cold' | 'warm';
  readonly token: string;
  readonly eventId: string;
  readonly nodeId: string;
  readonly reads: number;
}

export const CANDIDATES = ['opfs', 'indexeddb', 'sqlite', 'pouchdb'] as const;
/** The replica of the receiver's page in its two storages, and the two that stand beside it. */
export type CandidateName = (typeof CANDIDATES)[number];

/** Seconds count from the start of the page's load. */
export interface PageReport {
  readonly openSeconds: number;
  /** Null: nothing was pulled. */
  readonly heldSeconds: number | null;
  /** The first answer to the question about results. */
  readonly answerSeconds: number;
  readonly answerMs: number;
  /** Rows of that answer; each must give the same number. */
  readonly rows: number;
  /** Null: it has no tables of results. */
  readonly resultsMs: number | null;
  readonly estimateMb: number;
}

/** One way to hold the reads of a race in a browser. */
export interface Candidate {
  /** Stores what the pull client and the setup give it. */
  readonly replica: Replica;
  /** Resolves once it could answer for this many reads. */
  readonly ready: (reads: number) => Promise<void>;
  /** Who was first at the finish, straight from the reads; answers with the number of rows. */
  readonly firstAtFinish: () => Promise<number>;
  /** The first 50 of the kept results; null: it keeps none. */
  readonly results: (() => Promise<number>) | null;
}
