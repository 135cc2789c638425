import type { Timers } from '@baton/schema/ports';
import { type ReadonlySignal, signal } from '@preact/signals';
import type { Attention } from './attention.ts';

/** How the page on this device stands to the builds of the relay. */
export type PageVersion =
  /** Not kept: without the relay it will not open again. */
  | { readonly type: 'not-kept'; readonly reason: 'insecure' | 'unsupported' | 'refused' }
  /** Being fetched for the first time. */
  | { readonly type: 'fetching' }
  /** Kept: opens without the relay. */
  | { readonly type: 'kept' }
  /** A newer one is here and waits until somebody takes it. */
  | { readonly type: 'ready' }
  /** This tab takes the newer one: the browser changes over once the older answers nothing any more. */
  | { readonly type: 'taking' }
  /** Another tab took the newer one: this one is of the older until it is loaded again. */
  | { readonly type: 'outdated' };

export interface PageVersions {
  readonly version: ReadonlySignal<PageVersion>;
  /** Loads the page in its newest version. Only ever called because somebody asked for it. */
  readonly take: () => void;
}

/** The part of a browser that keeps pages; see `ServiceWorkerContainer`. */
export interface PageKeeper {
  readonly register: (
    script: string,
    options: { readonly scope: string; readonly updateViaCache: 'none' },
  ) => Promise<KeptRegistration>;
}

export interface KeptRegistration extends Pick<EventTarget, 'addEventListener'> {
  readonly active: KeptBuild | null;
  readonly waiting: KeptBuild | null;
  readonly installing: KeptBuild | null;
  readonly update: () => Promise<unknown>;
}

export interface KeptBuild extends Pick<EventTarget, 'addEventListener'> {
  readonly state: string;
  readonly postMessage: (message: unknown) => void;
}

export interface PageVersionDeps {
  /** Undefined: this browser has none, or not on this address. */
  readonly keeper: PageKeeper | undefined;
  /** Addresses that the page answers to begin with it: each kept page has a worker of its own there. */
  readonly scope: string;
  /** Pages are kept on https and on the machine itself only. */
  readonly isSecure: boolean;
  readonly timers: Timers;
  readonly attention: Attention;
  readonly reload: () => void;
}

const SCRIPT = '/sw.js';
/** What the worker of a newer version waits for. */
const TAKE_OVER = 'take-over';
/** A page stays open all day; browsers look for a new version on navigation only. */
const LOOK_EVERY_MS = 15 * 60_000;

/** What browsers reject with when the script cannot be fetched, or may not be used; all else is a defect. */
const isRefusal = (error: unknown): boolean => error instanceof TypeError || error instanceof DOMException;

/** Keeps the page on the device, and tells of newer versions without ever changing under anybody's hands. */
export const createPageVersions = (deps: PageVersionDeps): PageVersions => {
  const version = signal<PageVersion>({ type: 'fetching' });
  let registration: KeptRegistration | null = null;
  const isTaking = (): boolean => version.peek().type === 'taking';

  const seeFirst = (state: string): void => {
    if (state === 'activated') version.value = { type: 'kept' };
    if (state === 'redundant' && version.peek().type === 'fetching') {
      version.value = { type: 'not-kept', reason: 'refused' };
    }
  };

  const seeNewer = (build: KeptBuild): void => {
    if (build.state === 'installed') {
      // where one was taken already, a still newer one has come in its place
      if (isTaking()) build.postMessage(TAKE_OVER);
      else version.value = { type: 'ready' };
    }
    if (build.state === 'activated') {
      if (isTaking()) deps.reload();
      else version.value = { type: 'outdated' };
    }
  };

  const follow = (build: KeptBuild, isFirst: boolean): void => {
    const see = (): void => (isFirst ? seeFirst(build.state) : seeNewer(build));
    build.addEventListener('statechange', see);
    see();
  };

  const look = (): void => {
    registration?.update().catch((error: unknown) => {
      // no relay, no news: looked for again later
      if (!isRefusal(error)) throw error;
    });
  };

  const begin = (known: KeptRegistration): void => {
    registration = known;
    if (known.active !== null) version.value = { type: 'kept' };
    if (known.waiting !== null) follow(known.waiting, known.active === null);
    if (known.installing !== null) follow(known.installing, known.active === null);
    known.addEventListener('updatefound', () => {
      if (known.installing !== null) follow(known.installing, known.active === null);
    });
    deps.timers.every(LOOK_EVERY_MS, look);
    deps.attention.onChange(() => {
      if (deps.attention.visible() && deps.attention.online()) look();
    });
  };

  const register = async (keeper: PageKeeper): Promise<void> => {
    try {
      begin(await keeper.register(SCRIPT, { scope: deps.scope, updateViaCache: 'none' }));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      version.value = { type: 'not-kept', reason: 'refused' };
    }
  };

  if (deps.keeper !== undefined) void register(deps.keeper);
  else version.value = { type: 'not-kept', reason: deps.isSecure ? 'unsupported' : 'insecure' };

  return {
    version,
    take: () => {
      if (isTaking()) return;
      const waiting = registration?.waiting ?? null;
      if (waiting === null) return deps.reload();
      version.value = { type: 'taking' };
      waiting.postMessage(TAKE_OVER);
    },
  };
};
