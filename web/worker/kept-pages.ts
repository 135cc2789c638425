/** A page that opens without the relay: the addresses it answers, and its file in the build. */
export interface KeptPage {
  /** Of the worker's registration: a page's own worker keeps its files, and no other page's. */
  readonly scope: string;
  /** A regular expression for the whole path. */
  readonly path: string;
  readonly file: string;
}

/**
 * One script for all pages, registered once for each that somebody opens: each page says here that it wants to be kept,
 * and under which scope. The others go to the network untouched, and so does everything that is no page: API,
 * documents, sockets.
 */
export const KEPT_PAGES: readonly KeptPage[] = [
  { scope: '/', path: '/(?:e/[^/]+(?:/announcer)?/?)?', file: 'index.html' },
  { scope: '/operate', path: '/operate', file: 'operate.html' },
  { scope: '/receive', path: '/receive', file: 'receive.html' },
];
