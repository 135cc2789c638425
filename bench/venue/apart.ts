import { createHash } from 'node:crypto';
import { readAlarms } from '@baton/schema/doc';
import { RelayBody } from '@baton/schema/http';
import { StreamId } from '@baton/schema/ids';
import { encodeBatch, type Read, readFromLine, renderIpicoLine } from '@baton/schema/reads';
import { type Api, createApi, textOf } from '@baton/testkit/api';
import { openNetworkGate } from '@baton/testkit/network-gate';
import type { Program } from '@baton/testkit/programs';
import * as Y from 'yjs';
import { openDocClient } from '../docs/doc-client.ts';
import { type Benchmark, cpuSeconds, type Figures, now, residentBytes, rounded } from '../support/measure.ts';
import { pushBatches } from '../support/push-batches.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { keepBeating, openSyncPeer, type SyncPeer } from '../support/sync-peer.ts';

const TENT_TOKEN = 'bench-tent-token-0123456789abcdef';
/** Mats at the venue, and one across the river that is connected to the relay elsewhere. */
const MATS = { tent: ['mat-1', 'mat-2', 'mat-3'], far: ['mat-4'] } as const;
/** What a mat of a small race sees at its peak, all the time, and ten times as fast. */
const READS_A_SECOND = 10;
const SPEED = 10;
const SECONDS = 3600;
const READS = READS_A_SECOND * SPEED * SECONDS;
const BATCH = 1000;
const CHIPS = 3000;
const START = Date.UTC(2026, 3, 12, 9);
/** Edits of operators on each side: people who came late, and changes of the race. */
const LATE_PEOPLE = 500;
const CHANGES = 200;
const LOOK_MS = 100;

type Place = keyof typeof MATS;
const PLACES: readonly Place[] = ['tent', 'far'];

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const until = async (holds: () => Promise<boolean>): Promise<void> => {
  while (!(await holds())) await pause(LOOK_MS);
};

const encoder = new TextEncoder();

/** The read of a mat at its place in an hour: about four lines a crossing. */
const readAt = (mat: number, index: number): Read => {
  const at = START + Math.floor((index * 1000) / (READS_A_SECOND * SPEED));
  const chip = (Math.imul(Math.floor(index / 4) + mat * 7919, 2_654_435_761) >>> 0) % CHIPS;
  const fields = {
    readerId: mat,
    tag: `0580${chip.toString(16).padStart(8, '0')}`,
    iCount: 0,
    qCount: 1,
    wallHundredths: Math.floor(at / 10),
    extra: null,
    kind: 'RAW',
  } as const;
  return readFromLine(encoder.encode(renderIpicoLine(fields)), at + 500);
};

const batchesOf = (mat: number): readonly Uint8Array[] =>
  Array.from({ length: READS / BATCH }, (_, batch) =>
    encodeBatch(Array.from({ length: BATCH }, (_unused, at) => readAt(mat, batch * BATCH + at))),
  );

interface Relay {
  readonly url: string;
  readonly token: string;
  readonly api: Api;
  readonly program: Program;
}

const startTent = async (stage: Stage, upstream: string): Promise<Relay> => {
  const link = ['--upstream', upstream, '--upstream-token', stage.adminToken];
  const own = ['--port', '0', '--data-dir', stage.folder('tent'), '--admin-token', TENT_TOKEN];
  const program = stage.start(['relay', ...own, ...link]);
  const url = (await program.line(/^listening (http:\/\/\S+)$/))[1] ?? '';
  return { url, token: TENT_TOKEN, api: createApi(url, TENT_TOKEN), program };
};

const linkOf = async ({ api }: Relay) => RelayBody.parse(await api.must('GET', '/relay')).link?.events[0] ?? null;

const isConnected = async (tent: Relay): Promise<boolean> => (await linkOf(tent))?.state === 'connected';

const hasAll = async ({ api }: Relay, eventId: string, reads: number): Promise<boolean> => {
  const { streams } = (await api.must('GET', `/streams?eventId=${eventId}`)) as {
    readonly streams: readonly { readonly counters: { readonly accepted: number } }[];
  };
  return streams.reduce((sum, it) => sum + it.counters.accepted, 0) === reads;
};

const importPeople = async ({ url, token }: Relay, raceId: string, eventId: string, from: number, count: number) => {
  const rows = Array.from({ length: count }, (_, at) => {
    const chip = `0580${(from + at).toString(16).padStart(8, '0')}`;
    return `${from + at + 1},Runner ${from + at + 1},${chip}`;
  });
  const path = `/events/${eventId}/roster?kind=participants&format=csv&raceId=${raceId}`;
  const answer = await fetch(`${url}/api/v1${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'text/csv' },
    body: ['bib,name,chip', ...rows, ''].join('\n'),
  });
  if (!answer.ok) throw new Error(`the roster was refused: ${answer.status} ${await answer.text()}`);
};

/** What operators at one side do while the line is down; both rename the race, which is a conflict. */
const edit = async (relay: Relay, place: Place, raceId: string, eventId: string): Promise<void> => {
  await importPeople(relay, raceId, eventId, place === 'tent' ? 4000 : 6000, LATE_PEOPLE);
  for (let change = 0; change < CHANGES; change++) {
    await relay.api.must('PATCH', `/races/${raceId}`, { name: `10 km, ${place} ${change}` });
  }
};

/** All of a document as the relay has it. */
const documentOf = async ({ url, token }: Relay, document: string): Promise<Y.Doc> => {
  const doc = new Y.Doc({ gc: false });
  const { hostname, port } = new URL(url);
  const target = {
    host: hostname,
    port: Number(port),
    path: `/docs/${document}`,
    headers: { Authorization: `Bearer ${token}` },
  };
  const client = await openDocClient({ target, document }, 'y-websocket', {
    onUpdate: (update) => Y.applyUpdate(doc, update),
  });
  client.close();
  return doc;
};

const exportHash = async ({ api }: Relay, streamId: string): Promise<string> => {
  const hash = createHash('sha256');
  for (const form of ['txt', 'csv']) hash.update(await api.bytes(`/streams/${streamId}/export.${form}`));
  return hash.digest('hex');
};

const require = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(`expected ${what}`);
};

/** That nobody could tell the two relays apart, and that nobody was alarmed. */
const compare = async (tent: Relay, far: Relay, eventId: string): Promise<void> => {
  for (const mat of [...MATS.tent, ...MATS.far]) {
    const streamId = `${mat}.mat`;
    require((await exportHash(tent, streamId)) === (await exportHash(far, streamId)), `${streamId} to be the same`);
  }
  for (const name of ['setup', 'roster']) {
    const [here, there] = [
      await documentOf(tent, `events/${eventId}/${name}`),
      await documentOf(far, `events/${eventId}/${name}`),
    ];
    require(Y.equalSnapshots(Y.snapshot(here), Y.snapshot(there)), `${name} to be the same`);
    require(JSON.stringify(here) === JSON.stringify(there), `${name} to say the same`);
    if (name === 'setup') require(readAlarms(here).alarms.length === 0, 'no alarm');
  }
  require((await linkOf(tent))?.conflicts === 0, 'no conflict');
};

const cpuOf = async ({ program }: Relay): Promise<number> => (await cpuSeconds(program.pid)) ?? Number.NaN;

const measure = async (
  stage: Stage,
  mats: readonly (readonly Uint8Array[])[],
  end: (close: () => void) => void,
): Promise<Figures> => {
  const { eventId } = stage;
  const far: Relay = { url: stage.url, token: stage.adminToken, api: stage.api, program: stage.relay };
  const raceId = textOf(await far.api.must('POST', `/events/${eventId}/races`, { name: '10 km' }), 'raceId');
  await importPeople(far, raceId, eventId, 0, CHIPS);
  const line = await openNetworkGate(Number(new URL(far.url).port), end);
  const tent = await startTent(stage, line.url);
  const relays = { tent, far };
  await until(() => isConnected(tent));

  const peers = new Map<string, SyncPeer>();
  for (const place of PLACES) {
    for (const nodeId of MATS[place]) {
      const body = { role: 'forwarder', eventId, nodeId };
      const token = textOf(await relays[place].api.must('POST', '/tokens', body), 'token');
      peers.set(nodeId, await openSyncPeer(relays[place].url, token, { eventId, nodeId, readers: ['mat'] }));
    }
  }

  const stop = keepBeating(peers.values());
  end(stop);
  line.cut();
  await until(async () => !(await isConnected(tent)));
  let all = 0;
  for (const [mat, [nodeId, peer]] of [...peers].entries()) {
    const streamId = StreamId.parse(`${nodeId}.mat`);
    await pushBatches(peer, { streamId, epoch: 1 }, mats[mat] ?? [], BATCH);
    all += READS;
  }
  await Promise.all(PLACES.map((place) => edit(relays[place], place, raceId, eventId)));
  const held = (await linkOf(tent))?.missingReads;
  require(!(await hasAll(far, eventId, all)), 'the relay elsewhere to lack what the tent has');

  const before = [await cpuOf(tent), await cpuOf(far)] as const;
  const mended = now();
  line.mend();
  await until(() => isConnected(tent));
  const joined = now();
  await until(async () => (await hasAll(tent, eventId, all)) && (await hasAll(far, eventId, all)));
  const caughtUp = now();
  await until(async () => {
    const link = await linkOf(tent);
    return link?.unsavedDocuments.venue === 0 && link.unsavedDocuments.upstream === 0;
  });
  const inStep = now();
  const after = [await cpuOf(tent), await cpuOf(far)] as const;
  await compare(tent, far, eventId);
  for (const peer of peers.values()) peer.close();
  const perRead = (at: 0 | 1): number => ((after[at] - before[at]) * 1_000_000) / all;
  return {
    'reads while apart, at the venue': READS * MATS.tent.length,
    'reads while apart, at the relay elsewhere': READS * MATS.far.length,
    'of these shown as waiting for the relay elsewhere before the line was back': held?.upstream ?? Number.NaN,
    'edits while apart, both sides': 2 * (LATE_PEOPLE + CHANGES),
    'line mended to attached at both, s': rounded((joined - mended) / 1000),
    'attached to all reads at both, s': rounded((caughtUp - joined) / 1000),
    'attached to documents the same too, s': rounded((inStep - joined) / 1000),
    'catching up, CPU of the relay at the venue, µs a read': rounded(perRead(0)),
    'catching up, CPU of the relay elsewhere, µs a read': rounded(perRead(1)),
    'memory of the relay at the venue then, MB': rounded(((await residentBytes(tent.program.pid)) ?? Number.NaN) / 1e6),
  };
};

const run = async (): Promise<Figures> => {
  // before anybody is connected: it takes this process longer than a relay waits for a word
  const mats = [...MATS.tent, ...MATS.far].map((_, mat) => batchesOf(mat));
  const stage = await openStage();
  const ends: (() => void)[] = [];
  try {
    return await measure(stage, mats, (close) => ends.push(close));
  } finally {
    for (const end of ends) end();
    await stage.dispose();
  }
};

export const venueApart: Benchmark = {
  name: 'venue-apart',
  method:
    `a relay at the venue and one elsewhere, cut for what is an hour of a race at ${SPEED} times its speed: ${MATS.tent.length} mats at the venue and ${MATS.far.length} elsewhere, each ` +
    `${READS_A_SECOND * SPEED} reads a second for ${SECONDS} s by their times, pushed as fast as they are taken; ${LATE_PEOPLE} people and ${CHANGES} changes of the race on each side. Joined again: exports, ` +
    'documents and alarms are compared, and it fails where anything differs',
  run,
};
