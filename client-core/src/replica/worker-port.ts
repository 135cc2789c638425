import type { Call, WorkerInput, WorkerMessage } from './pglite-calls.ts';

/** The owner's end of the thread (Node) or worker (browser) in which PGlite runs. */
export interface WorkerPort {
  readonly post: (call: Call) => void;
  /** Ends it at once, as a kill would. */
  readonly end: () => Promise<void>;
}

export interface WorkerEvents {
  readonly onMessage: (message: WorkerMessage) => void;
  /** It failed or is gone; the words say how. */
  readonly onEnded: (reason: string) => void;
}

/** Starts one. It says `opened` or `failed` before anything else. */
export type OpenWorker = (input: WorkerInput, events: WorkerEvents) => WorkerPort;

/** The worker's own end. */
export interface ServedPort {
  readonly say: (message: WorkerMessage) => void;
  readonly onCall: (listener: (call: Call) => void) => void;
}
