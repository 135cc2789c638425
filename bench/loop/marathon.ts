import type { RaceId, StreamId } from '@baton/schema/ids';
import { encodeBatch, readFromLine, renderIpicoLine } from '@baton/schema/reads';
import { pushBatches } from '../support/push-batches.ts';
import { addRace, openForwarder, putMapping } from '../support/race-receiver.ts';
import type { StageAccess } from '../support/stage.ts';

const GUN = Date.UTC(2026, 3, 12, 9);
const BATCH = 500;
const PLACES = ['start', 'half', 'finish'] as const;
/** When the first passes each mat, and how far apart the others come, in ms. */
const FIRST_MS = [5_000, 1_900_000, 3_800_000] as const;
const APART_MS = [10, 60, 130] as const;

const chipOf = (bib: number): string => `0580${bib.toString(16).padStart(8, '0')}`;

/** A list as an entry system exports it. */
export const listOf = (people: number, clubOf: (bib: number) => string): string => {
  const rows = Array.from({ length: people }, (_, index) => {
    const bib = index + 1;
    const name = `First${bib % 373} Lastname${bib % 9973}`;
    return `${bib},${name},${clubOf(bib)},${bib % 2 === 0 ? 'F' : 'M'},${1950 + (bib % 55)},${chipOf(bib)}`;
  });
  return `bib,name,club,sex,birthYear,chip\n${rows.join('\n')}`;
};

export const importList = async (stage: StageAccess, raceId: RaceId, list: string): Promise<void> => {
  const answer = await fetch(`${stage.url}/api/v1/events/${stage.eventId}/roster?raceId=${raceId}`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${stage.adminToken}` },
    body: list,
  });
  if (!answer.ok) throw new Error(`the roster was not imported: ${await answer.text()}`);
};

const lineOf = (bib: number, atMs: number): Uint8Array => {
  const wallHundredths = (GUN + atMs) / 10;
  const chip = { readerId: 0, tag: chipOf(bib), iCount: 0, qCount: 1, extra: null, kind: 'RAW' } as const;
  return new TextEncoder().encode(renderIpicoLine({ ...chip, wallHundredths }));
};

const batchesOf = (mat: number, bibs: readonly number[]): readonly Uint8Array[] =>
  Array.from({ length: Math.ceil(bibs.length / BATCH) }, (_, part) =>
    encodeBatch(
      bibs.slice(part * BATCH, (part + 1) * BATCH).map((bib) => {
        const atMs = (FIRST_MS[mat] ?? 0) + bib * (APART_MS[mat] ?? 0);
        return readFromLine(lineOf(bib, atMs), GUN + atMs);
      }),
    ),
  );

/** One mat of the race, with the reads it has sent so far. */
export interface Mat {
  readonly streamId: StreamId;
  /** Sends one read of each; resolves when all are acked. */
  readonly pass: (bibs: readonly number[]) => Promise<void>;
}

/** A race over three mats with sexes and ages; everybody is to come by each mat once. */
export interface Marathon {
  readonly raceId: RaceId;
  readonly mats: readonly Mat[];
}

const openMat = async (stage: StageAccess, raceId: RaceId, place: string, mat: number): Promise<Mat> => {
  const { peer: first, streamId } = await openForwarder(stage, place);
  first.close();
  await putMapping(stage, streamId, 1, raceId);
  let sent = 0;
  return {
    streamId,
    pass: async (bibs) => {
      // a connection each time: between two passes it would be silent for longer than one may be
      const { peer } = await openForwarder(stage, place);
      await pushBatches(peer, { streamId, epoch: 1 }, batchesOf(mat, bibs), BATCH, sent + 1);
      peer.close();
      sent += bibs.length;
    },
  };
};

const CATEGORIES = (['F', 'M'] as const).flatMap((sex) =>
  [0, 35, 50].map((ageFrom, index) => ({
    categoryId: `${sex}${ageFrom}`,
    name: `${sex} ${ageFrom}+`,
    sex,
    ageFrom,
    ageTo: [34, 49, 150][index] ?? null,
  })),
);

export const openMarathon = async (stage: StageAccess): Promise<Marathon> => {
  for (const status of ['startlist', 'running']) {
    await stage.api.must('PATCH', `/events/${stage.eventId}/status`, { status });
  }
  const raceId = await addRace(stage, 'Marathon');
  const mats: Mat[] = [];
  for (const [index, place] of PLACES.entries()) mats.push(await openMat(stage, raceId, place, index));
  const points = PLACES.map((place) => ({
    pointId: place,
    name: place,
    kind: place === 'half' ? 'split' : place,
  }));
  await stage.api.must('PATCH', `/races/${raceId}`, {
    startAt: '2026-04-12T09:00:00',
    points,
    categories: CATEGORIES,
  });
  for (const [index, { streamId }] of mats.entries()) {
    await stage.api.must('PATCH', `/streams/${streamId}`, { pointId: PLACES[index] });
  }
  return { raceId, mats };
};
