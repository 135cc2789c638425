/** A page that opens without the relay: the address it answers, and its file in the build. */
export interface KeptPage {
  readonly path: string;
  readonly file: string;
}

/**
 * One worker serves the whole origin, so each page says here that it wants to be kept. The others go to the network
 * untouched, and so does everything that is no page: API, documents, sockets.
 */
export const KEPT_PAGES: readonly KeptPage[] = [{ path: '/operate', file: 'operate.html' }];
