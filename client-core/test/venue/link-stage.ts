import { readAlarms, setupDocName } from '@baton/schema/doc';
import type { EventId } from '@baton/schema/ids';
import type { Log, LogFields } from '@baton/schema/ports';
import { createSocketNetwork, createVirtualTime } from '@baton/testkit';
import * as Y from 'yjs';
import type { FollowDoc } from '../../src/doc/doc-client.ts';
import type { EventLinkDeps } from '../../src/venue/event-link.ts';
import { type BySide, SIDES, type Side } from '../../src/venue/link-state.ts';
import type { SharedRecord } from '../../src/venue/record-plan.ts';
import { createModelRelay, EVENT, type ModelRelay } from './model-relay.ts';

export const ADDRESSES = {
  here: { url: 'http://tent', token: 'tent-secret' },
  there: { url: 'http://far', token: 'far-secret' },
} as const;

export interface Line {
  readonly level: keyof Log;
  readonly message: string;
  readonly fields: LogFields;
}

const keepingLog = (): { readonly log: Log; readonly lines: Line[] } => {
  const lines: Line[] = [];
  const at =
    (level: keyof Log) =>
    (message: string, fields: LogFields = {}): void =>
      void lines.push({ level, message, fields });
  return { log: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }, lines };
};

/** Documents of the relay here, as whoever follows them sees them. */
const createFollowedDocuments = () => {
  const docs = new Map<string, Y.Doc>();
  const docOf = (name: string): Y.Doc => {
    const doc = docs.get(name) ?? new Y.Doc({ gc: false });
    docs.set(name, doc);
    return doc;
  };
  let opened = 0;
  let isLoaded = true;
  const open = new Set<() => void>();
  const follow: FollowDoc = (name) => {
    opened++;
    const token = (): void => {};
    open.add(token);
    const link = { type: 'live', unsaved: false } as unknown as ReturnType<ReturnType<FollowDoc>['link']>;
    return {
      doc: docOf(name),
      link: () => link,
      isLoaded: () => isLoaded,
      onChange: () => () => {},
      connect: () => {},
      close: () => void open.delete(token),
    };
  };
  return {
    follow,
    alarms: () => readAlarms(docOf(setupDocName(EVENT))).alarms,
    /** Followers so far, and now. */
    opened: () => opened,
    open: () => open.size,
    setLoaded: (next: boolean): void => {
      isLoaded = next;
    },
  };
};

/** Two model relays, the time and the lines between them and a link, all moved by the test. */
export const createLinkStage = (options: { readonly random?: () => number } = {}) => {
  const time = createVirtualTime();
  const relays: BySide<ModelRelay> = { here: createModelRelay('here'), there: createModelRelay('there') };
  const sideOf = (url: string): Side => (url.startsWith('ws://tent') ? 'here' : 'there');
  const network = createSocketNetwork((pair) => relays[sideOf(pair.target.url)].connect(pair));
  const { log, lines } = keepingLog();
  const kept = new Map<EventId, SharedRecord>();
  const documents = createFollowedDocuments();
  const deps: EventLinkDeps = {
    ...time,
    log,
    random: { next: options.random ?? (() => 0.5) },
    openSocket: network.openSocket,
    apis: { here: relays.here.api, there: relays.there.api },
    followDoc: documents.follow,
    memory: {
      last: (eventId) => kept.get(eventId) ?? null,
      keep: (eventId, record) => {
        kept.set(eventId, record);
        return Promise.resolve();
      },
    },
  };
  const opened = (part: '/sync' | '/docs/', side: Side) =>
    network.pairs.filter(({ target }) => target.url.includes(part) && sideOf(target.url) === side);

  return {
    ...relays,
    relays,
    time,
    network,
    deps,
    lines,
    kept,
    documents,
    /** Connections to a relay so far. */
    opened,
    said: (message: string): readonly Line[] => lines.filter((it) => it.message.includes(message)),
    /** Lets time pass a step at a time, and everything move at each. */
    pass: async (ms: number, stepMs = 100): Promise<void> => {
      network.flush();
      for (let gone = 0; gone < ms; gone += stepMs) {
        await time.advanceAsync(Math.min(stepMs, ms - gone));
        network.flush();
      }
      await time.advanceAsync(0);
      network.flush();
    },
    cutAll: (): void => {
      for (const side of SIDES) relays[side].cut();
    },
  };
};

export type LinkStage = ReturnType<typeof createLinkStage>;

export const numbered = (word: string, count: number, from = 1): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${word} ${from + index}`);
