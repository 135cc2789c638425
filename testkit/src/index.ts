export type { SeededRandom } from './seeded-random.ts';
export { createSeededRandom, freshSeed, withSeed } from './seeded-random.ts';
export type { Direction, FarEnd, Frame, SocketNetwork, SocketPair } from './socket-pair.ts';
export { createSocketNetwork } from './socket-pair.ts';
export type { VirtualTime } from './virtual-time.ts';
export { createVirtualTime } from './virtual-time.ts';
