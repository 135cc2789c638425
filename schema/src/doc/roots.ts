import type * as Y from 'yjs';

/**
 * Every root type of every document. A root used as one type here and as another there merges
 * without an error and hides data, so nothing else calls `doc.getMap`.
 *
 * The values are `unknown`: other replicas, also other versions, wrote them. The readers beside
 * this module parse each entry before they believe it.
 */
export interface SetupRoots {
  /** raceId → Y.Map of `name`, `startAt`, `points` (Y.Map), `categories` (Y.Map). */
  readonly races: Y.Map<unknown>;
  /** `streamId/epoch` → raceId. */
  readonly epochRaces: Y.Map<unknown>;
  /** `streamId/epoch` → name. */
  readonly epochNames: Y.Map<unknown>;
  /** `streamId/epoch` → ms that its reader's clock was slow; see `ClockOffset`. */
  readonly epochOffsets: Y.Map<unknown>;
  readonly streamLabels: Y.Map<unknown>;
  /** streamId → pointId; what it means is looked up in the race of the epoch. */
  readonly streamPoints: Y.Map<unknown>;
  readonly forwarderRaces: Y.Map<unknown>;
  readonly rules: Y.Map<unknown>;
  /** Setting of `baton watch` → value; see `watch.ts`. */
  readonly watch: Y.Map<unknown>;
}

/**
 * What programs tell in the setup document, apart from what people set: it is no part of the history, of conflicts or of undo.
 */
export interface AlarmRoots {
  /** alarmId → alarm, as it was raised last. */
  readonly alarms: Y.Map<unknown>;
  /** alarmId → who has taken notice of which raising. */
  readonly alarmAcks: Y.Map<unknown>;
}

/** What the documents that several people edit have besides: who made which edit, and which conflicts were looked at. */
export interface ReviewRoots {
  /** `client.clock` of the write itself, in base 36 → stamp or note; see `edit-log.ts`. */
  readonly edits: Y.Map<unknown>;
  /** `client:clock` of a write that lost a conflict → true, once somebody has decided. */
  readonly reviewed: Y.Map<unknown>;
}

export const reviewRoots = (doc: Y.Doc): ReviewRoots => ({
  edits: doc.getMap('edits'),
  reviewed: doc.getMap('reviewed'),
});

export const setupRoots = (doc: Y.Doc): SetupRoots => ({
  races: doc.getMap('races'),
  epochRaces: doc.getMap('epochRaces'),
  epochNames: doc.getMap('epochNames'),
  epochOffsets: doc.getMap('epochOffsets'),
  streamLabels: doc.getMap('streamLabels'),
  streamPoints: doc.getMap('streamPoints'),
  forwarderRaces: doc.getMap('forwarderRaces'),
  rules: doc.getMap('rules'),
  watch: doc.getMap('watch'),
});

export const alarmRoots = (doc: Y.Doc): AlarmRoots => ({
  alarms: doc.getMap('alarms'),
  alarmAcks: doc.getMap('alarmAcks'),
});

export interface RosterRoots {
  /** participantId → record, as it was when the participant was added. */
  readonly participants: Y.Map<unknown>;
  /** `field:participantId` → value: what was changed since, each field by itself. */
  readonly participantFields: Y.Map<unknown>;
  /** chip → participantId. */
  readonly chips: Y.Map<unknown>;
  /** participantId → correction. */
  readonly corrections: Y.Map<unknown>;
}

export const rosterRoots = (doc: Y.Doc): RosterRoots => ({
  participants: doc.getMap('participants'),
  participantFields: doc.getMap('participantFields'),
  chips: doc.getMap('chips'),
  corrections: doc.getMap('corrections'),
});

export interface ReceiverRoots {
  /** `selection` → the whole selection as one value, so that two edits never mix into a third. */
  readonly receiver: Y.Map<unknown>;
}

export const receiverRoots = (doc: Y.Doc): ReceiverRoots => ({ receiver: doc.getMap('receiver') });
