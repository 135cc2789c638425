/** One WebSocket, listened to only. */
export interface FeedSocket {
  /** Nothing is heard afterwards. */
  readonly close: () => void;
}

export interface FeedSocketEvents {
  readonly onFrame: (text: string) => void;
  /** Once, by the code of the close frame; 1006 where there was none, as after a refused upgrade. */
  readonly onClose: (code: number) => void;
}

/** Opens a socket to the relay that served the page; null where the browser has none. */
export type OpenFeedSocket = (path: string, events: FeedSocketEvents) => FeedSocket | null;

/** `origin` as in an address bar: `https://host:port`. */
export const createFeedSocket =
  (Socket: typeof WebSocket | undefined, origin: string): OpenFeedSocket =>
  (path, events) => {
    if (Socket === undefined) return null;
    const socket = new Socket(`${origin.replace(/^http/, 'ws')}${path}`);
    let isHeard = true;
    socket.addEventListener('message', ({ data }) => {
      if (isHeard && typeof data === 'string') events.onFrame(data);
    });
    socket.addEventListener('close', ({ code }) => {
      if (isHeard) events.onClose(code);
      isHeard = false;
    });
    // says nothing that the close behind it does not; outside browsers, unheard errors end the program
    socket.addEventListener('error', () => {});
    return {
      close: () => {
        isHeard = false;
        socket.close();
      },
    };
  };
