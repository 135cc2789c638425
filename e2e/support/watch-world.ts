import { createHmac } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import {
  type ParticipantId,
  participantIdFor,
  putChips,
  putParticipants,
  rosterDocName,
  setupDocName,
  setWatch,
  type WatchPatch,
} from '@baton/schema/doc';
import { EventId } from '@baton/schema/ids';
import { renderIpicoLine } from '@baton/schema/reads';
import { textOf } from '@baton/testkit/api';
import type { Exit, Program } from '@baton/testkit/programs';
import Database from 'better-sqlite3';
import { openDocument } from './documents.ts';
import { createEvent, type Event } from './event.ts';
import { type Relay, startForwarder, startRelay } from './nodes.ts';
import { type ScriptedReader, startScriptedReader } from './scripted-reader.ts';
import type { Stage } from './stage.ts';
import { until } from './until.ts';

export const SECRET = 'e2e-webhook-secret-0123456789';

/** One call of the webhook, as its receiver got it. */
export interface Finish {
  readonly key: string;
  readonly bib: string;
  readonly body: string;
  readonly headers: IncomingHttpHeaders;
}

/** A scoreboard: takes finishes, or refuses those of some bibs. */
export interface Board {
  readonly url: string;
  readonly calls: readonly Finish[];
  /** Bibs that it refuses. */
  readonly refuses: Set<string>;
  /** Calls that it did not refuse. */
  readonly taken: () => readonly Finish[];
}

/** @param who the field of the body that says who it is about */
export const startBoard = async (stage: Stage, who: 'bib' | 'chip' = 'bib'): Promise<Board> => {
  const calls: Finish[] = [];
  const refuses = new Set<string>();
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (data) => {
      body += String(data);
    });
    request.on('end', () => {
      const bib = textOf(JSON.parse(body), who);
      calls.push({ key: String(request.headers['idempotency-key']), bib, body, headers: request.headers });
      response.writeHead(refuses.has(bib) ? 410 : 204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stage.onEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/finish`,
    calls,
    refuses,
    taken: () => calls.filter(({ bib }) => !refuses.has(bib)),
  };
};

/** Whether a call was signed with the secret, as docs/live.md tells receivers to check it. */
export const isSigned = ({ headers, body }: Finish): boolean => {
  const match = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['baton-signature']));
  return match !== null && match[2] === createHmac('sha256', SECRET).update(`${match[1]}.${body}`).digest('hex');
};

const START = Date.UTC(2026, 4, 17, 9) / 10;
const chipOf = (bib: number): string => `0580${bib.toString(16).padStart(8, '0')}`;

/** A read of a bib's chip, so many seconds after the gun. */
const lineOf = (bib: number, seconds: number): string =>
  renderIpicoLine({
    readerId: 0,
    tag: chipOf(bib),
    iCount: 0,
    qCount: 1,
    wallHundredths: START + Math.round(seconds * 100),
    extra: null,
    kind: 'RAW',
  });

/** A relay with a race whose finish has a reader; bibs 1 to `field` take part. */
export interface WatchWorld {
  readonly relay: Relay;
  readonly event: Event;
  readonly streamId: string;
  readonly reader: ScriptedReader;
  readonly idOf: (bib: number) => ParticipantId;
  readonly set: (patch: WatchPatch) => Promise<void>;
  /** These finish, in this order, at about so many a second. */
  readonly finish: (bibs: readonly number[], perSecond?: number) => Promise<void>;
}

export const createWatchWorld = async (stage: Stage, field: number): Promise<WatchWorld> => {
  const relay = await startRelay(stage);
  const event = await createEvent(relay.url);
  const points = [
    { pointId: 'start', name: 'Start', kind: 'start' },
    { pointId: 'finish', name: 'Finish', kind: 'finish' },
  ];
  const race = { name: '10 km', startAt: '2026-05-17T09:00:00', points };
  const raceId = textOf(await event.operator.must('POST', `/events/${event.eventId}/races`, race), 'raceId');
  const eventId = EventId.parse(event.eventId);
  const open = (name: string) =>
    openDocument(relay.url, event.operatorToken, name, (end) => {
      stage.onEnd(end);
    });
  const [setup, roster] = [await open(setupDocName(eventId)), await open(rosterDocName(eventId))];
  const bibs = Array.from({ length: field }, (_, at) => at + 1);
  const idOf = (bib: number): ParticipantId => participantIdFor(null, String(bib));
  putParticipants(
    roster.doc,
    bibs.map((bib) => ({ participantId: idOf(bib), bib: String(bib), firstName: 'Ada', lastName: `N${bib}` }) as never),
  );
  putChips(
    roster.doc,
    bibs.map((bib) => [chipOf(bib), idOf(bib)]),
  );
  await roster.passedOn();
  const reader = await startScriptedReader(stage.onEnd);
  await startForwarder(stage, {
    relay: relay.url,
    token: await event.token('forwarder', 'box'),
    readers: [`mat=${reader.address}`],
    journal: stage.folder('journal'),
  });
  const streamId = 'box.mat';
  await until('the stream is known', async () => {
    const answer = await event.operator.call('PATCH', `/streams/${streamId}`, {
      label: 'Finish mat',
      pointId: 'finish',
    });
    return answer.status < 300;
  });
  await event.map(streamId, 1, raceId);
  await reader.connected();
  return {
    relay,
    event,
    streamId,
    reader,
    idOf,
    set: async (patch) => {
      setWatch(setup.doc, patch);
      await setup.passedOn();
    },
    finish: (these, perSecond = 1000) =>
      reader.sendLines(
        these.map((bib) => lineOf(bib, 1800 + bib)),
        perSecond,
      ),
  };
};

export const startWatch = async (
  stage: Stage,
  { relay, event }: Pick<WatchWorld, 'relay' | 'event'>,
  dataDir: string,
): Promise<Program> => {
  const args = ['watch', '--relay', relay.url, '--token', event.operatorToken, '--data-dir', dataDir];
  const program = stage.start(args, { BATON_WEBHOOK_SECRET: SECRET });
  await program.line(/^watching /);
  return program;
};

/** `baton dead-letters …`: how it ended, and its lines, cut at their tabs. */
export const deadLetters = async (
  stage: Stage,
  dataDir: string,
  ...args: readonly string[]
): Promise<{ readonly exit: Exit; readonly lines: readonly (readonly string[])[]; readonly stderr: string }> => {
  const program = stage.start(['dead-letters', ...args, '--data-dir', dataDir], { BATON_WEBHOOK_SECRET: SECRET });
  const exit = await program.exited;
  return {
    exit,
    lines: program.stdout().map((line) => line.split('\t')),
    stderr: program.stderr().join('\n'),
  };
};

/** The checkpoint of the webhook's manager as it lies on disk; undefined: there is none yet. */
export const finishCheckpoint = (dataDir: string): string | undefined => {
  const file = join(dataDir, 'live.sqlite');
  if (!existsSync(file)) return undefined;
  const store = new Database(file, { readonly: true });
  try {
    const row = store.prepare("SELECT checkpoint FROM checkpoints WHERE consumer = 'finish-webhook'").get();
    return (row as { readonly checkpoint: string } | undefined)?.checkpoint;
  } finally {
    store.close();
  }
};
