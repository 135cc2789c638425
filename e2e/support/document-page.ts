/**
 * A page that follows documents as the operator page does, and lets a story drive it: bundled for a browser by
 * `document-lab.ts`. It says on the console how far its edits have got, so that what was shown is known even of
 * a page that was killed.
 */
import {
  adoptLeftBehind,
  createDeviceCopies,
  createDocClient,
  type DeviceOwner,
  type DocClient,
  forgetBehind,
  forgetDevice,
  leftBehind,
  unsavedOnDevice,
} from '@baton/client-core';
import { silentLog, type Timer } from '@baton/schema/ports';
import * as Y from 'yjs';

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

const onLifecycle = (listener: (event: 'frozen' | 'resumed') => void) => {
  const frozen = (): void => listener('frozen');
  const resumed = (): void => listener('resumed');
  document.addEventListener('freeze', frozen);
  document.addEventListener('resume', resumed);
  return () => {
    document.removeEventListener('freeze', frozen);
    document.removeEventListener('resume', resumed);
  };
};

export interface LabOptions {
  readonly token: string;
  readonly name: string;
  readonly owner: DeviceOwner;
}

let client: DocClient | null = null;
let edits = 0;
let told = '';

const current = (): DocClient => {
  if (client === null) throw new Error('no document is open');
  return client;
};

const tell = (): void => {
  const { type, unsaved, keeping } = current().link();
  if (keeping.type === 'kept' || !unsaved) say(`device ${edits}`);
  if (type === 'synced' && !unsaved) say(`relay ${edits}`);
};

const say = (text: string): void => {
  if (text === told) return;
  told = text;
  console.info(`shown ${text}`);
};

/** Counted once it is in the document: what is told before is about the edits before. */
const made = (): void => {
  edits++;
  tell();
};

const lab = {
  open: ({ token, name, owner }: LabOptions): void => {
    client = createDocClient(
      {
        timers,
        random: { next: () => Math.random() },
        log: silentLog,
        WebSocket,
        onWake: (listener) => {
          addEventListener('online', listener);
          return () => removeEventListener('online', listener);
        },
      },
      {
        relay: location.origin,
        token,
        name,
        backoff: { firstMs: 50, maxMs: 250 },
        keepCopy: createDeviceCopies(
          {
            timers,
            ids: { uuid: () => crypto.randomUUID() },
            log: silentLog,
            locks: navigator.locks,
            onLifecycle,
          },
          owner,
        ),
      },
    );
    client.onChange(tell);
  },
  link: () => current().link(),
  isLoaded: () => current().isLoaded(),
  clientId: () => current().doc.clientID,
  collects: () => current().doc.gc,
  json: () => current().doc.getMap('lab').toJSON() as Record<string, unknown>,
  /** `client:clock` of each client, sorted: what two documents must have alike. */
  vector: () =>
    [...Y.decodeStateVector(Y.encodeStateVector(current().doc))].map(([id, clock]) => `${id}:${clock}`).sort(),
  edit: (key: string, value: unknown): void => {
    current().doc.getMap('lab').set(key, value);
    made();
  },
  remove: (key: string): void => {
    current().doc.getMap('lab').delete(key);
    made();
  },
  /** One transaction with so many entries. */
  fill: (prefix: string, count: number): void => {
    current().doc.transact(() => {
      const map = current().doc.getMap('lab');
      for (let row = 0; row < count; row++) {
        map.set(`${prefix}${row}`, { bib: String(row), name: `Runner ${row}`, club: 'Harbour runners', born: 1980 });
      }
    });
    made();
  },
  /** Edits again and again, `prefix1`, `prefix2`…, until the page ends or there are 400. */
  keepEditing: (prefix: string, everyMs: number): void => {
    const timer = timers.every(everyMs, () => {
      lab.edit(`${prefix}${edits + 1}`, edits + 1);
      if (edits === 400) timer.clear();
    });
  },
  unsaved: async (owner: DeviceOwner) => [...(await unsavedOnDevice(owner))],
  leftBehind: async (owner: DeviceOwner) => [...(await leftBehind(owner, 'events/'))],
  adopt: (owner: DeviceOwner) => adoptLeftBehind(owner, 'events/'),
  forget: (owner: DeviceOwner) => forgetDevice(owner),
  forgetOthers: (owner: DeviceOwner) => forgetBehind(owner, 'events/'),
  close: (): void => current().close(),
};

export type Lab = typeof lab;
Reflect.set(window, 'lab', lab);
