/** Node entry: drivers for sockets, files and processes, and what the demo is made of. */
export type { Emulator } from './emulator/emulator.ts';
export { createEmulator } from './emulator/emulator.ts';
export type { Pace, TimedLine } from './emulator/line-source.ts';
export { linesOfRecording, replay } from './emulator/line-source.ts';
export { faster, raceLines } from './emulator/race-generator.ts';
export type { Entrant, RacePoint, RaceReader, RaceSpec } from './emulator/race-spec.ts';
export { DEMO_RACE, heatMs, raceRoster, rosterCsv } from './emulator/race-spec.ts';
export { NodeDocSocket } from './platform/node/doc-socket.ts';
export { localOffsetMs, systemClock, systemIds, systemRandom, systemTimers } from './platform/node/runtime.ts';
export { createOpenTcp, listenTcp } from './platform/node/tcp.ts';
export { openWsSocket } from './platform/node/ws-socket.ts';
export type { Receiver, ReceiverDeps, ReceiverOptions, ReceiverStatus, SelectableStream } from './receiver/receiver.ts';
export { createReceiver } from './receiver/receiver.ts';
export type { ServedOutput, TcpOutput } from './receiver/tcp-serve.ts';
export { serveOutput } from './receiver/tcp-serve.ts';
export type { PgliteReplicaDeps, PgliteReplicaOptions, ReplicaOpenError } from './replica/pglite-replica.ts';
export { openPgliteReplica } from './replica/pglite-replica.ts';
