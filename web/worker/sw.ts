import { addRoute, cleanupOutdatedCaches, createHandlerBoundToURL, precache } from 'workbox-precaching';
import { NavigationRoute, registerRoute } from 'workbox-routing';
import { KEPT_PAGES } from './kept-pages.ts';

declare const self: ServiceWorkerGlobalScope & {
  /** Filled in by the build: the files of the kept pages, each named by its content. */
  readonly __WB_MANIFEST: readonly { readonly url: string; readonly revision: string | null }[];
};

/**
 * Keeps the pages of `kept-pages.ts` on the device. A page and its files are one version, taken whole from the cache,
 * also where the network is there: a page that comes half from one build and half from the next is worse than an old
 * one. The next version is fetched in the background and waits until somebody takes it.
 *
 * Only files of the build are ever put into the cache, and only by the install; an answer of the relay never is.
 */
cleanupOutdatedCaches();
precache([...self.__WB_MANIFEST]);

/** The relay refuses an address with a token in it; the worker must not answer in its place. */
const denylist = [/[?&]token(?:[=&]|$)/];
for (const { path, file } of KEPT_PAGES) {
  const allowlist = [new RegExp(`^${path}(?:\\?|$)`)];
  registerRoute(new NavigationRoute(createHandlerBoundToURL(`/${file}`), { allowlist, denylist }));
}
// an asset is asked for by its exact name or it is not ours
addRoute({ directoryIndex: '', cleanURLs: false, ignoreURLParametersMatching: [] });

/** A page whose user takes the new version says so; nothing else makes it begin. */
self.addEventListener('message', (event) => {
  const asked: unknown = event.data;
  if (asked === 'take-over') event.waitUntil(self.skipWaiting());
});
