import { rosterRoots } from '@baton/schema/doc';
import WebSocket from 'ws';
import * as Y from 'yjs';
import { openDocClient } from '../docs/doc-client.ts';
import type { StageAccess } from '../support/stage.ts';
import { importList, listOf, type Marathon } from './marathon.ts';

export const PEOPLE = 55_000;
/** Rows behind which an answer is as long as it may be. */
const ALL = 100_000;
const TWO_THIRDS = 36_000;
const FINISHERS = 20;

/** What a step plays with. */
export interface Scene extends Marathon {
  readonly stage: StageAccess;
}

/** Something that happens to a relay on a race day. */
export interface Step {
  readonly name: string;
  readonly run: (scene: Scene) => Promise<void>;
}

const bibs = (from: number, to: number): readonly number[] => Array.from({ length: to - from }, (_, at) => from + at);
const club = (bib: number): string => `Running Club ${bib % 120}`;
const moved = (bib: number): string => `Athletics Club ${bib % 80}`;

/** Reads the answer to its end, as fast as it comes. */
const ask = async ({ stage }: Scene, path: string, request: RequestInit = {}): Promise<ArrayBuffer> => {
  const answer = await fetch(`${stage.url}/api/v1/${path}`, request);
  const body = await answer.arrayBuffer();
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${Buffer.from(body).toString('utf8', 0, 300)}`);
  return body;
};

const get = async (scene: Scene, path: string, token: string | null = null): Promise<ArrayBuffer> =>
  ask(scene, `events/${scene.stage.eventId}/${path}`, {
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
  });

const listsOf = (path: string): Step => ({
  name: `GET ${path}`,
  run: async (scene) => {
    await get(scene, path.replace(':race', scene.raceId));
  },
});

/** The event as a file, and back once it was deleted. */
const archiving = (): { readonly download: Step; readonly upload: Step } => {
  let archive = new ArrayBuffer(0);
  return {
    download: {
      name: 'GET archive',
      run: async (scene) => {
        archive = await get(scene, 'archive', scene.stage.adminToken);
      },
    },
    upload: {
      name: 'POST import of the archive',
      run: async (scene) => {
        const headers = { authorization: `Bearer ${scene.stage.adminToken}`, 'content-type': 'application/gzip' };
        await ask(scene, 'events/import', { method: 'POST', headers, body: archive });
      },
    },
  };
};

/** What is asked of the split's stream, through which everybody came. */
const readsOf = (path: string): Step => ({
  name: `GET streams/:stream/${path}`,
  run: async (scene) => {
    const headers = { authorization: `Bearer ${scene.stage.adminToken}` };
    await ask(scene, `streams/${scene.mats[1]?.streamId}/${path}`, { headers });
  },
});

const pullOf = (maxBytes: number): Step => ({
  name: `POST pull of ${maxBytes / 1024 ** 2} MB`,
  run: async (scene) => {
    const { eventId, adminToken } = scene.stage;
    const targets = scene.mats.map(({ streamId }) => ({ streamId, epoch: 1 }));
    await ask(scene, `events/${eventId}/pull`, {
      method: 'POST',
      headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ targets, maxBytes }),
    });
  },
});

const importing = (name: string, clubOf: (bib: number) => string): Step => ({
  name,
  run: ({ stage, raceId }) => importList(stage, raceId, listOf(PEOPLE, clubOf)),
});

const passing = (name: string, mat: number, which: readonly number[]): Step => ({
  name,
  run: async ({ mats }) => mats[mat]?.pass(which),
});

const statusTo = (status: string): Step => ({
  name: `status ${status}`,
  run: async ({ stage }) => {
    await stage.api.must('PATCH', `/events/${stage.eventId}/status`, { status });
  },
});

const opened = (socket: WebSocket): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.once('open', () => resolve());
    socket.once('error', reject);
  });

const rosterAddress = async ({ stage }: Scene) => {
  const { hostname, port } = new URL(stage.url);
  const document = `events/${stage.eventId}/roster`;
  const path = `/docs/${document}`;
  const headers = { authorization: `Bearer ${stage.adminToken}` };
  return { document, target: { host: hostname, port: Number(port), path, headers } };
};

/** A page of an operator opens the roster; it stays. */
const pageOpens: Step = {
  name: 'a page opens the roster',
  run: async (scene) => {
    await openDocClient(await rosterAddress(scene), 'y-websocket');
  },
};

const pageEdits: Step = {
  name: 'a page edits one participant',
  run: async (scene) => {
    const link = await openDocClient(await rosterAddress(scene), 'y-websocket');
    const doc = new Y.Doc();
    doc.on('update', (it: Uint8Array) => link.send(it));
    rosterRoots(doc).participantFields.set(`club:${scene.raceId}#777`, `By hand ${doc.clientID}`);
  },
};

/** Stays until the end. */
const spectatorComes: Step = {
  name: 'a spectator comes',
  run: async ({ stage }) => {
    const socket = new WebSocket(`${stage.url.replace('http', 'ws')}/api/v1/events/${stage.eventId}/ws`);
    await new Promise<void>((resolve, reject) => {
      socket.once('message', () => resolve());
      socket.once('error', reject);
    });
    socket.on('message', () => {});
  },
};

/** Follows from then on. */
const subscribing = (collection: string): Step => ({
  name: `live subscription of ${collection} with its snapshot`,
  run: async ({ stage }) => {
    const headers = { authorization: `Bearer ${stage.adminToken}` };
    const socket = new WebSocket(`${stage.url.replace('http', 'ws')}/api/v1/live`, { headers });
    await opened(socket);
    await new Promise<void>((resolve, reject) => {
      socket.on('message', (data: Buffer) => {
        const text = data.toString('utf8', 0, 1 << 20);
        if (text.includes('"type":"error"')) reject(new Error(text));
        if (text.includes('"complete":true')) resolve();
      });
      const payload = { eventId: stage.eventId, collection, filters: [], sendSnapshot: true };
      socket.send(JSON.stringify({ id: 's', type: 'subscribe', payload }));
    });
  },
});

const { download, upload } = archiving();

/** In their order: each goes on from where the one before left the event. */
export const STEPS: readonly Step[] = [
  { name: 'nothing', run: async () => {} },
  importing('import into an empty roster', club),
  importing('import of the same list', club),
  importing('import with one renamed', (bib) => (bib === 77 ? 'Another' : club(bib))),
  listsOf('results/:race?limit=50'),
  spectatorComes,
  passing('everybody starts', 0, bibs(1, PEOPLE + 1)),
  listsOf('announcer?limit=100'),
  listsOf('oncourse'),
  passing('everybody passes the split', 1, bibs(1, PEOPLE + 1)),
  passing('two thirds finish', 2, bibs(1, TWO_THIRDS)),
  listsOf('results/:race?limit=1000'),
  listsOf(`results/:race?limit=${ALL}`),
  listsOf('results/:race?q=lastname777'),
  listsOf(`startlist/:race?limit=${ALL}`),
  listsOf('categories'),
  readsOf('reads?limit=10000'),
  readsOf('reads?limit=10000&dedup=last&order=desc'),
  readsOf('epochs/1/export.csv'),
  readsOf('epochs/1/export.txt'),
  pullOf(8 * 1024 ** 2),
  pageOpens,
  pageEdits,
  subscribing('results'),
  subscribing('oncourse'),
  subscribing('reads'),
  passing('some more finish, with subscriptions', 2, bibs(TWO_THIRDS, TWO_THIRDS + FINISHERS)),
  { ...pageEdits, name: 'a page edits one participant, with subscriptions' },
  importing('import that changes everybody, with subscriptions', moved),
  statusTo('finished'),
  statusTo('official'),
  {
    name: 'GET official with its review',
    run: async (scene) => {
      await get(scene, 'official', scene.stage.adminToken);
    },
  },
  { ...listsOf(`results/:race?limit=${ALL}`), name: 'GET all official results' },
  download,
  {
    name: 'DELETE the event',
    run: async ({ stage }) => {
      await stage.api.must('DELETE', `/events/${stage.eventId}`);
    },
  },
  upload,
];
