/** Node entry: drivers for sockets, files and processes. */
export { openWsSocket } from './platform/node/ws-socket.ts';
