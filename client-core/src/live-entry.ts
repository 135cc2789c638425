/** The small client of live subscriptions, alone: it pulls in nothing else. */
export type { LiveDocument } from './live-client/held-collection.ts';
export type {
  LiveCollection,
  LiveCollectionDeps,
  LiveCollectionOptions,
  LiveCollectionState,
  LiveFilter,
  LiveFilterValue,
  LiveSocket,
} from './live-client/live-collection.ts';
export { followCollection } from './live-client/live-collection.ts';
export { followLive } from './platform/browser/follow-live.ts';
