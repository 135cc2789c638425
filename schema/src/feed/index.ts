export { compareBibs } from '../results/ranking.ts';
export { parseTime, type Wall, type WrittenTime, wallMs, wallOf } from '../results/wall-time.ts';
export type {
  FeedCut,
  FeedDiff,
  FeedMessage,
  FullState,
  PublicCategory,
  PublicEvent,
  PublicRace,
  VenueFreshness,
} from './feed-message.ts';
export type { RankMove, RankMoves } from './rank-moves.ts';
export { movedRow } from './rank-moves.ts';
