import type { Metrics } from '../http/metrics.ts';
import type { AppendReply } from '../storage/store.ts';
import { SECONDS } from './histogram.ts';

/** What is measured as it happens; the rest is read when somebody asks. */
export interface Meters {
  readonly onAppend: (outcome: AppendReply['type'], ms: number) => void;
  /** One commit, its sync included. */
  readonly onSync: (ms: number) => void;
  /** The relay closes a WebSocket, with this code. */
  readonly onClosing: (code: number) => void;
}

/** Answers that the forwarder takes for an ack. */
const isAck = (outcome: AppendReply['type']): boolean => outcome === 'accepted' || outcome === 'duplicate';

export const createMeters = (metrics: Metrics): Meters => {
  const acks = metrics.histogram('baton_ack_seconds', 'from a batch of reads to its ack, synced to disk', SECONDS);
  const syncs = metrics.histogram('baton_sync_seconds', 'commits of the store, each with its sync to disk', SECONDS);
  const outcomes = metrics.counter('baton_appends_total', 'batches of reads by what became of them', 'outcome');
  const closings = metrics.counter('baton_closings_total', 'WebSockets closed by the relay, by code', 'code');
  return {
    onAppend: (outcome, ms) => {
      outcomes.add(outcome);
      if (isAck(outcome)) acks.observe(ms / 1000);
    },
    onSync: (ms) => syncs.observe(ms / 1000),
    onClosing: (code) => closings.add(String(code)),
  };
};
