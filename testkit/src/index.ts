export type { Direction, FarEnd, Frame, SocketNetwork, SocketPair } from './socket-pair.ts';
export { createSocketNetwork } from './socket-pair.ts';
