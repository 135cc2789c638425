/** Text that may wait while the one before it is being stored; then the peer is not read from. */
const PAUSE_BYTES = 1024 * 1024;
/** What was already on its way when reading paused; beyond it the peer does not keep to TCP. */
const MAX_BYTES = 16 * 1024 * 1024;

export interface MailboxDeps {
  /** Takes one frame; the next one waits until it settles. */
  readonly take: (frame: string | Uint8Array) => Promise<void>;
  readonly pause: () => void;
  readonly resume: () => void;
  readonly onOverflow: () => void;
  readonly onError: (error: unknown) => void;
}

/**
 * Frames of one peer, taken one after another: an ack is durable before the selection behind it is looked at. A peer that
 * sends faster than the disk takes is slowed by TCP, not queued without bound.
 */
export interface Mailbox {
  readonly put: (frame: string | Uint8Array) => void;
  /** Whether the peer is not being read from: its silence is ours then. */
  readonly isPaused: () => boolean;
  readonly close: () => void;
}

export const createMailbox = (deps: MailboxDeps): Mailbox => {
  let waiting: (string | Uint8Array)[] = [];
  let bytes = 0;
  let busy = false;
  let paused = false;
  let closed = false;

  const setPaused = (wanted: boolean): void => {
    if (wanted === paused) return;
    paused = wanted;
    if (wanted) deps.pause();
    else deps.resume();
  };

  /** `busy` falls in the same turn as the last look: a frame put after it starts a new run, none is left lying. */
  const drain = async (): Promise<void> => {
    busy = true;
    for (let frame = waiting.shift(); frame !== undefined && !closed; frame = waiting.shift()) {
      bytes -= frame.length;
      await deps.take(frame);
      if (bytes <= PAUSE_BYTES / 2) setPaused(false);
    }
    busy = false;
  };

  return {
    put: (frame) => {
      if (closed) return;
      waiting.push(frame);
      bytes += frame.length;
      if (bytes > MAX_BYTES) return deps.onOverflow();
      if (bytes > PAUSE_BYTES) setPaused(true);
      // a frame that throws leaves the mailbox busy: its session is over
      if (!busy) drain().catch(deps.onError);
    },
    isPaused: () => paused,
    close: () => {
      closed = true;
      waiting = [];
      setPaused(false);
    },
  };
};
