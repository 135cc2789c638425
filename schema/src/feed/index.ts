export { compareBibs } from '../results/ranking.ts';
export { parseTime, type Wall, type WrittenTime, wallMs, wallOf } from '../results/wall-time.ts';
export type {
  FeedCut,
  FeedDiff,
  FeedMessage,
  FeedRow,
  FullState,
  PublicCategory,
  PublicEvent,
  PublicRace,
  VenueFreshness,
  WireDiff,
} from './feed-message.ts';
export type { PackedRow, Passed } from './packed-rows.ts';
export { isPacked, packedRow, unpackedRow } from './packed-rows.ts';
export type { RankMove, RankMoves } from './rank-moves.ts';
export { movedRow } from './rank-moves.ts';
