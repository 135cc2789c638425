import { addRoute, createHandlerBoundToURL, precache } from 'workbox-precaching';
import { NavigationRoute, registerRoute } from 'workbox-routing';
import { KEPT_PAGES } from './kept-pages.ts';

declare const self: ServiceWorkerGlobalScope;

/** A file of the build, named by its content, with the kept pages that need it. */
interface KeptFile {
  readonly url: string;
  readonly revision: string | null;
  readonly pages: readonly string[];
}

/**
 * Keeps the pages of `kept-pages.ts` on the device. A page and its files are one version, taken whole from the cache,
 * also where the network is there: a page that comes half from one build and half from the next is worse than an old
 * one. The next version is fetched in the background and waits until somebody takes it.
 *
 * Only files of the build are ever put into the cache, and only by the install; an answer of the relay never is.
 *
 * `cleanupOutdatedCaches` stays out: it looks for its scope anywhere in a cache's name, so that the worker of `/` would
 * remove the files of `/receive`. What an install no longer names goes without it.
 */
const scope = new URL(self.registration.scope).pathname;
const pages = KEPT_PAGES.filter((page) => page.scope === scope);
const isNeeded = (needed: readonly string[]): boolean => pages.some(({ file }) => needed.includes(file));

// filled in by the build
const files = self.__WB_MANIFEST as unknown as readonly KeptFile[];
precache(files.filter((it) => isNeeded(it.pages)).map(({ url, revision }) => ({ url, revision })));

/** The relay refuses an address with a token in it; the worker must not answer in its place. */
const denylist = [/[?&]token(?:[=&]|$)/];
for (const { path, file } of pages) {
  const allowlist = [new RegExp(`^${path}(?:\\?|$)`)];
  registerRoute(new NavigationRoute(createHandlerBoundToURL(`/${file}`), { allowlist, denylist }));
}
// an asset is asked for by its exact name or it is not ours
addRoute({ directoryIndex: '', cleanURLs: false, ignoreURLParametersMatching: [] });

/** Rules by which a browser leaves requests to the network without asking, or even starting, the worker; not all have them. */
interface Routing {
  readonly addRoutes?: (rules: readonly { condition: { urlPattern: string }; source: 'network' }[]) => Promise<void>;
}

/**
 * What is asked of the relay never concerns the worker. Where it passed through it all the same, a question asked while a newer
 * version takes over would start the older worker anew, and Chromium then waits until that one has had nothing to do for half a minute.
 */
self.addEventListener('install', (event) => {
  const routing: ExtendableEvent & Routing = event;
  const added = routing.addRoutes?.([{ condition: { urlPattern: '/api/*' }, source: 'network' }]);
  if (added !== undefined) event.waitUntil(added);
});

/** A page whose user takes the new version says so; nothing else makes it begin. */
self.addEventListener('message', (event) => {
  const asked: unknown = event.data;
  if (asked === 'take-over') event.waitUntil(self.skipWaiting());
});

/** A click on what a page told leads to that page: to a tab that is open, or to a new one. */
const openPage = async (href: string): Promise<void> => {
  const { pathname } = new URL(href, self.location.origin);
  const tabs = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const tab = tabs.find((it) => new URL(it.url).pathname === pathname);
  if (tab === undefined) await self.clients.openWindow(href);
  else await tab.focus();
};

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const href: unknown = event.notification.data?.href;
  // a page of ours alone
  if (typeof href === 'string' && href.startsWith('/e/')) event.waitUntil(openPage(href));
});
