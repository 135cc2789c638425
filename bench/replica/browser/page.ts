import {
  createConnection,
  createDocClient,
  createPullClient,
  createRelayApi,
  createSetupSync,
  openWebSocket,
  pullTuning,
} from '@baton/client-core';
import { EventId, NodeId } from '@baton/schema/ids';
import { CLIENT_VERSION } from '@baton/schema/protocol';
import { median } from '../../support/measure-times.ts';
import { timed, untilHeld } from '../answered.ts';
import { STREAMS } from '../streams.ts';
import { openBaton } from './baton-candidate.ts';
import type { Candidate, CandidateName, PageReport, PageTask } from './candidate.ts';
import { ports } from './page-ports.ts';
import { openPouch } from './pouchdb-candidate.ts';
import { openSqlite } from './sqlite-candidate.ts';

/** Times that a question is asked; where it takes seconds, fewer. */
const ASKS: Readonly<Record<CandidateName, number>> = { opfs: 9, indexeddb: 9, sqlite: 9, pouchdb: 3 };
const MB = 1024 * 1024;

declare global {
  /** What the page found; the benchmark waits for it. */
  var report: Promise<PageReport>;
}

const open = (name: CandidateName): Promise<Candidate> => {
  if (name === 'sqlite') return openSqlite();
  return name === 'pouchdb' ? openPouch() : openBaton(name);
};

/** Pulls all reads, the setup and the roster; resolves with the second at which the last read was committed. */
const fill = async ({ candidate, token, reads, ...task }: PageTask, { replica, ready }: Candidate): Promise<number> => {
  const relay = location.origin;
  const [eventId, nodeId] = [EventId.parse(task.eventId), NodeId.parse(task.nodeId)];
  const pull = await createPullClient(
    {
      ...ports,
      replica,
      openConnection: (handlers) =>
        createConnection(
          { ...ports, openSocket: openWebSocket },
          { url: relay, token, hello: () => ({ eventId, nodeId, clientVersion: CLIENT_VERSION }), handlers },
        ),
    },
    {
      selection: { mode: 'manual', streams: [...STREAMS] },
      // whatever syncs IndexedDB at each commit gets the same large transactions
      ...pullTuning(candidate === 'opfs' || candidate === 'sqlite' ? 'opfs' : 'indexeddb'),
    },
  );
  const api = createRelayApi({ relay, token });
  const followDoc = (name: string) => createDocClient(ports, { relay, token, name });
  createSetupSync({ ...ports, api, replica, followDoc }, eventId);
  const held = untilHeld(replica, reads).then(() => performance.now() / 1000);
  pull.connect();
  await ready(reads);
  return held;
};

const run = async (task: PageTask): Promise<PageReport> => {
  const [candidate, asks] = [await open(task.candidate), ASKS[task.candidate]];
  const openSeconds = performance.now() / 1000;
  const heldSeconds = task.start === 'cold' ? await fill(task, candidate) : null;
  const ask = candidate.results ?? candidate.firstAtFinish;
  await ask();
  const answerSeconds = performance.now() / 1000;
  const rows = await candidate.firstAtFinish();
  const estimate = await navigator.storage.estimate();
  return {
    openSeconds,
    heldSeconds,
    answerSeconds,
    rows,
    answerMs: median(await timed(asks, candidate.firstAtFinish)),
    resultsMs: candidate.results === null ? null : median(await timed(asks, candidate.results)),
    estimateMb: (estimate.usage ?? 0) / MB,
  };
};

globalThis.report = run(JSON.parse(decodeURIComponent(location.hash.slice(1))) as PageTask);
