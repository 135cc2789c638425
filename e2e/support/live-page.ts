/** A page with the library of live projections in it, for a story to drive; bundled for a browser by `lab-server.ts`. */
import {
  createMemoryStore,
  createRelaySource,
  type Live,
  type LiveHandle,
  type LiveStore,
  openIndexedDbStore,
  openLive,
  openWebSocket,
  type Projection,
} from '@baton/client-core';
import { EventId, StreamId } from '@baton/schema/ids';
import { silentLog, type Timer } from '@baton/schema/ports';

const timer = (clear: () => void): Timer => ({ clear });
const timers = {
  after: (ms: number, run: () => void) => {
    const id = setTimeout(run, ms);
    return timer(() => clearTimeout(id));
  },
  every: (ms: number, run: () => void) => {
    const id = setInterval(run, ms);
    return timer(() => clearInterval(id));
  },
  mono: () => performance.now(),
};
const deps = { clock: { now: () => Date.now() }, timers, random: { next: () => Math.random() }, log: silentLog };

const counted: Projection<number> = {
  name: 'counted',
  version: '1',
  initial: () => 0,
  apply: (count, item) => (item.type === 'read' ? count + 1 : count),
};

const neverAsked = (): never => {
  throw new Error('this page asks the relay for nothing but reads');
};

let store: LiveStore | null = null;
let live: Live | null = null;
let handle: LiveHandle | null = null;

const openStore = async (name: string): Promise<string | null> => {
  const opened = await openIndexedDbStore(name);
  store = opened.ok ? opened.value : null;
  return opened.ok ? null : opened.error.message;
};

const callStore = <K extends keyof LiveStore>(
  method: K,
  ...args: Parameters<LiveStore[K]>
): ReturnType<LiveStore[K]> => {
  if (store === null) throw new Error('no store is open');
  const run = store[method] as (...given: Parameters<LiveStore[K]>) => ReturnType<LiveStore[K]>;
  return run(...args);
};

const follow = async (given: {
  readonly relay: string;
  readonly token: string;
  readonly eventId: string;
  readonly streamId: string;
}) => {
  const { relay, token } = given;
  const source = createRelaySource(
    { ...deps, openSocket: openWebSocket, api: { call: neverAsked, stream: neverAsked }, followDoc: neverAsked },
    {
      relay,
      token,
      eventId: EventId.parse(given.eventId),
      selection: { mode: 'manual', streams: [StreamId.parse(given.streamId)] },
      documents: false,
    },
  );
  live = openLive(deps, { source, projections: [counted], checkpoints: createMemoryStore() });
  const started = await live.startLive();
  handle = started.ok ? started.value : null;
};

const count = async (): Promise<{ readonly caughtUp: boolean; readonly count: number | null }> => {
  if (handle?.isCaughtUp() !== true) return { caughtUp: false, count: null };
  const state = await live?.liveProjection(counted);
  return { caughtUp: true, count: state?.ok ? state.value : null };
};

const lab = { openStore, callStore, follow, count };
export type LiveLab = typeof lab;
Reflect.set(window, 'lab', lab);
