import type { StreamId } from '@baton/schema/ids';
import { encodeBatch, type Read } from '@baton/schema/reads';
import { textOf } from '@baton/testkit/api';
import { pushBatches } from '../support/push-batches.ts';
import { generatedReads } from '../support/reads.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { openSyncPeer, type SyncPeer } from '../support/sync-peer.ts';
import { FORWARDER, MATS, streamOf } from './streams.ts';

/** Runners of the race, each with one chip. */
export const RUNNERS = 5000;
/** What the relay gets in one push; live batches are smaller, stored ones larger. */
const BATCH = 500;

/** The reads of one stream: the same in every run, made anew so that a million need not be held. */
export interface StreamReads {
  readonly streamId: StreamId;
  readonly count: number;
  readonly reads: () => readonly Read[];
}

export const streamReads = (total: number): readonly StreamReads[] =>
  MATS.map(({ reader, share }, index) => {
    const count = Math.round(total * share);
    return { streamId: streamOf(reader), count, reads: () => generatedReads(count, RUNNERS, index + 3) };
  });

export const chipOf = (runner: number): string => `0580${runner.toString(16).padStart(8, '0')}`;

const roster = (): string =>
  [
    'bib,firstName,lastName,club,sex,birthYear,chip',
    ...Array.from({ length: RUNNERS }, (_, index) => {
      const runner = index + 1;
      const [sex, year] = [runner % 2 === 0 ? 'F' : 'M', 1940 + (runner % 68)];
      return `${runner},First${runner % 37},Last${runner % 997},Club ${runner % 120},${sex},${year},${chipOf(runner)}`;
    }),
    '',
  ].join('\n');

const importRoster = async (stage: Stage): Promise<void> => {
  const response = await fetch(`${stage.url}/api/v1/events/${stage.eventId}/roster?kind=participants`, {
    method: 'POST',
    headers: { authorization: `Bearer ${stage.adminToken}`, 'content-type': 'text/csv' },
    body: roster(),
  });
  if (!response.ok) throw new Error(`the roster: ${response.status} ${await response.text()}`);
};

const batchesOf = (reads: readonly Read[]): readonly Uint8Array[] => {
  const batches: Uint8Array[] = [];
  for (let at = 0; at < reads.length; at += BATCH) batches.push(encodeBatch(reads.slice(at, at + BATCH)));
  return batches;
};

/** A forwarder with the race's readers. */
export const openMats = (url: string, eventId: string, token: string): Promise<SyncPeer> =>
  openSyncPeer(url, token, { eventId, nodeId: FORWARDER, readers: MATS.map(({ reader }) => reader) });

const fill = async (stage: Stage, peer: SyncPeer, reads: number): Promise<void> => {
  const points = MATS.map(({ reader, kind }) => ({ pointId: reader, name: reader, kind }));
  const race = { name: 'Ten', startAt: '2026-04-12T09:00:00', points };
  const raceId = textOf(await stage.api.must('POST', `/events/${stage.eventId}/races`, race), 'raceId');
  for (const { streamId, reads: make } of streamReads(reads)) {
    await pushBatches(peer, { streamId, epoch: 1 }, batchesOf(make()), BATCH);
    const pointId = streamId.slice(FORWARDER.length + 1);
    await stage.api.must('PATCH', `/streams/${streamId}`, { pointId });
    await stage.api.must('PUT', `/streams/${streamId}/epochs/1/race`, { raceId });
  }
};

/** A relay with one race: its roster, start, split and finish, and all of its reads. */
export interface RaceWorld {
  readonly stage: Stage;
  readonly forwarderToken: string;
}

export const openRaceWorld = async (reads: number): Promise<RaceWorld> => {
  const stage = await openStage();
  try {
    const forwarderToken = await stage.token('forwarder', FORWARDER);
    const peer = await openMats(stage.url, stage.eventId, forwarderToken);
    await importRoster(stage);
    await fill(stage, peer, reads);
    peer.close();
    return { stage, forwarderToken };
  } catch (error) {
    await stage.dispose();
    throw error;
  }
};
