import type { PeerSocket } from './peer-socket.ts';

/**
 * Views of one socket for several who each may hold its peer back: nothing is read while any of them does. With one
 * `pause` for all, whoever resumes first would end the others' pauses.
 */
export const sharePause = (socket: PeerSocket): (() => PeerSocket) => {
  const { pause, resume } = socket;
  const holders = new Set<symbol>();
  return () => {
    if (pause === undefined || resume === undefined) return socket;
    const holder = Symbol('holder');
    return {
      ...socket,
      pause: () => {
        if (holders.size === 0) pause();
        holders.add(holder);
      },
      resume: () => {
        if (holders.delete(holder) && holders.size === 0) resume();
      },
    };
  };
};
