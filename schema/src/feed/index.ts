export type {
  FeedCut,
  FeedDiff,
  FeedMessage,
  FullState,
  PublicCategory,
  PublicEvent,
  PublicRace,
} from './feed-message.ts';
export type { RankMove, RankMoves } from './rank-moves.ts';
export { movedRow } from './rank-moves.ts';
