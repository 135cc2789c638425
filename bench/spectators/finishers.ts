import type { RaceId, StreamId } from '@baton/schema/ids';
import { encodeBatch, readFromLine, renderIpicoLine } from '@baton/schema/reads';
import { addRace, openForwarder, putMapping } from '../support/race-receiver.ts';
import type { Stage } from '../support/stage.ts';
import type { SyncPeer } from '../support/sync-peer.ts';

const GUN = Date.UTC(2026, 3, 12, 9);

export const chipOf = (bib: number): string => `0580${String(bib).padStart(8, '0')}`;

/** A reader's line about somebody's chip. */
export const lineAt = (bib: number, wallHundredths: number): string =>
  renderIpicoLine({ readerId: 0, tag: chipOf(bib), iCount: 0, qCount: 1, wallHundredths, extra: null, kind: 'RAW' });

const lineOf = (bib: number): string => lineAt(bib, (GUN + 1_800_000) / 10 + bib * 7);

/** A race whose runners finish one by one, each behind the one before. */
export interface Finishers {
  readonly raceId: RaceId;
  readonly peer: SyncPeer;
  /** The next runner crosses the line; resolves when that is acked. */
  readonly next: () => Promise<void>;
}

export const createFinishers = async (stage: Stage, runners: number): Promise<Finishers> => {
  for (const status of ['startlist', 'running']) {
    await stage.api.must('PATCH', `/events/${stage.eventId}/status`, { status });
  }
  const raceId = await addRace(stage, '10 km');
  const { peer, streamId } = await openForwarder(stage, 'gate');
  await stage.api.must('PATCH', `/races/${raceId}`, { startAt: '2026-04-12T09:00:00' });
  await putMapping(stage, streamId, 1, raceId);
  await importRunners(stage, raceId, runners);
  return { raceId, peer, next: createNext(peer, streamId) };
};

export const importRunners = async (stage: Stage, raceId: RaceId, runners: number): Promise<void> => {
  const rows = Array.from(
    { length: runners },
    (_, index) =>
      `${index + 1},First${index} Lastname${index},Running Club ${index % 40},F,${1960 + (index % 40)},${chipOf(index + 1)}`,
  );
  const answer = await fetch(`${stage.url}/api/v1/events/${stage.eventId}/roster?raceId=${raceId}`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${stage.adminToken}` },
    body: `bib,name,club,sex,birthYear,chip\n${rows.join('\n')}`,
  });
  if (!answer.ok) throw new Error(`the roster was not imported: ${await answer.text()}`);
};

const createNext = (peer: SyncPeer, streamId: StreamId): (() => Promise<void>) => {
  let bib = 0;
  const waiting = new Map<number, () => void>();
  peer.onMessage((message) => {
    if (message.type !== 'pushed') return;
    for (const { pushId, outcome } of message.entries) {
      if (outcome !== 'accepted') throw new Error(`a read was answered ${outcome}`);
      waiting.get(pushId)?.();
      waiting.delete(pushId);
    }
  });
  return () =>
    new Promise((resolve) => {
      bib++;
      const batch = encodeBatch([readFromLine(new TextEncoder().encode(lineOf(bib)), GUN + bib)]);
      waiting.set(bib, resolve);
      peer.push({ streamId, epoch: 1, firstSeq: bib, pushId: bib, batch });
    });
};
