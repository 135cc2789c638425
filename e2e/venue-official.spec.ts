import { readAlarms, setupDocName } from '@baton/schema/doc';
import type { OfficialReview } from '@baton/schema/http';
import { EventId } from '@baton/schema/ids';
import { type Api, createApi, textOf } from '@baton/testkit/api';
import { openNetworkGate } from '@baton/testkit/network-gate';
import { describe, expect, it } from 'vitest';
import { openDocument } from './support/documents.ts';
import { createEvent } from './support/event.ts';
import { ADMIN_TOKEN, startRelay } from './support/nodes.ts';
import { openRelayFiller, type RelayFiller } from './support/relay-filler.ts';
import { targetAt } from './support/sealed-target.ts';
import { createStage } from './support/stage.ts';
import { until } from './support/until.ts';

/** People with chips, in the order in which the filler's reads name them; the mat in the tent reads the first of them. */
const PEOPLE = 40;
const READ = 25;

const roster = (): string => {
  const rows = Array.from({ length: PEOPLE }, (_, at) => {
    const chip = `0580${at.toString(16).padStart(8, '0')}`;
    return `${at + 1},Runner ${at + 1},${chip}`;
  });
  return ['bib,name,chip', ...rows, ''].join('\n');
};

const importRoster = async (url: string, eventId: string, raceId: string): Promise<void> => {
  const address = `${url}/api/v1/events/${eventId}/roster?kind=participants&format=csv&raceId=${raceId}`;
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'text/csv' };
  const answer = await fetch(address, { method: 'POST', headers, body: roster() });
  expect(answer.status, await answer.text()).toBe(200);
};

describe('official at a relay at the venue and one elsewhere', () => {
  it('[CN-23] [P4] [P27] freezes the same results at both, with and without a line; a late read changes neither, and what differs alarms both', async () => {
    const stage = createStage();
    const far = await startRelay(stage);
    const line = await openNetworkGate(far.port, stage.onEnd);
    const events = [await createEvent(far.url, 'Harbour run'), await createEvent(far.url, 'Island run')] as const;
    const tent = await startRelay(stage, { args: ['--upstream', line.url, '--upstream-token', ADMIN_TOKEN] });
    const [tentApi, farApi] = [createApi(tent.url, ADMIN_TOKEN), createApi(far.url, ADMIN_TOKEN)];
    const both = [tentApi, farApi] as const;

    const fill = async (url: string, api: Api, eventId: string, nodeId: string, skip = 0): Promise<RelayFiller> => {
      const token = textOf(await api.must('POST', '/tokens', { role: 'forwarder', eventId, nodeId }), 'token');
      const filler = await openRelayFiller(url, { eventId, nodeId, token, skip });
      stage.onEnd(filler.close);
      return filler;
    };

    /** An event with a race, people, a mat in the tent and one elsewhere, both of the race. */
    const prepare = async ({ eventId, race, map }: (typeof events)[number], name: string) => {
      const raceId = await race('10 km');
      await importRoster(far.url, eventId, raceId);
      for (const status of ['startlist', 'running'])
        await farApi.must('PATCH', `/events/${eventId}/status`, { status });
      await until('the venue has the people of the race', async () => {
        const { body } = await tentApi.call('GET', `/events/${eventId}/startlist/${raceId}`);
        return JSON.stringify(body).includes(`"total":${PEOPLE}`);
      });
      const near = await fill(tent.url, tentApi, eventId, `${name}-near`);
      const late = await fill(far.url, farApi, eventId, `${name}-late`);
      await until('the mat in the tent is known elsewhere', async () => {
        const { status } = await farApi.call('PUT', `/streams/${near.streamId}/epochs/1/race`, { raceId });
        return status === 200;
      });
      await map(late.streamId, 1, raceId);
      return { eventId, raceId, near, late };
    };
    type Prepared = Awaited<ReturnType<typeof prepare>>;

    const statusOf = async (api: Api, { eventId }: Prepared): Promise<string> =>
      textOf(await api.must('GET', `/events/${eventId}`), 'status');
    const resultsOf = async (api: Api, { eventId, raceId }: Prepared): Promise<unknown> => {
      const { data, total } = (await api.must('GET', `/events/${eventId}/results/${raceId}?limit=100`)) as {
        readonly data: unknown;
        readonly total: number;
      };
      return { data, total };
    };
    const reviewOf = async (api: Api, { eventId }: Prepared): Promise<OfficialReview> =>
      (await api.must('GET', `/events/${eventId}/official`)) as OfficialReview;
    const exportOf = async (api: Api, streamId: string): Promise<string> =>
      (await api.bytes(`/streams/${streamId}/export.txt`)).toString('latin1');
    const finish = async ({ eventId }: Prepared): Promise<void> => {
      for (const status of ['finished', 'official'])
        await tentApi.must('PATCH', `/events/${eventId}/status`, { status });
    };

    /** Both relays say the same of how the results came to be, of the results, and of the sealed reads behind them. */
    const expectSame = async (it: Prepared): Promise<void> => {
      await until('it is official elsewhere', async () => (await statusOf(farApi, it)) === 'official');
      const [here, there] = await Promise.all(both.map((api) => reviewOf(api, it)));
      expect(there).toEqual({ ...here, officialAt: there?.officialAt });
      expect(here?.cut.reads).toBe(it.near.count());
      expect(here?.wouldChange).toEqual([]);
      const rows = await resultsOf(tentApi, it);
      expect(rows).toMatchObject({ total: READ });
      expect(await resultsOf(farApi, it)).toEqual(rows);
      for (const form of ['txt', 'csv']) {
        const path = `/streams/${it.near.streamId}/export.${form}`;
        expect((await farApi.bytes(path)).equals(await tentApi.bytes(path))).toBe(true);
      }
      const wanted = { eventId: it.eventId, streamId: it.near.streamId, epoch: 1 };
      await until('the epoch is sealed elsewhere', async () => (await targetAt(far.url, ADMIN_TOKEN, wanted))?.sealed);
      const seals = [await targetAt(tent.url, ADMIN_TOKEN, wanted), await targetAt(far.url, ADMIN_TOKEN, wanted)];
      const seal = { ...wanted, head: it.near.count(), sealed: true, hash: it.near.hash() };
      expect(seals.map((target) => ({ ...target, eventId: it.eventId }))).toEqual([seal, seal]);
    };

    const [connected, apart] = await Promise.all([prepare(events[0], 'harbour'), prepare(events[1], 'island')]);

    // with a line
    await connected.near.add(READ);
    connected.near.seal();
    await finish(connected);
    await expectSame(connected);

    // without: the reads, the seal and the status all wait at the venue
    await apart.near.add(READ - 5);
    await until('the first reads are elsewhere', async () => (await exportOf(farApi, apart.near.streamId)) !== '');
    line.cut();
    await apart.near.add(5);
    apart.near.seal();
    await finish(apart);
    expect(await statusOf(farApi, apart)).toBe('running');
    line.mend();
    await expectSame(apart);

    // somebody is read elsewhere after all that
    for (const it of [connected, apart]) {
      const before = await resultsOf(tentApi, it);
      const { hash } = await reviewOf(tentApi, it);
      await it.late.add(PEOPLE);
      await until(
        'the late reads are at the venue',
        async () => (await exportOf(tentApi, it.late.streamId)) === (await exportOf(farApi, it.late.streamId)),
      );
      const late = { raceId: it.raceId, added: PEOPLE - READ, gone: 0 };
      for (const api of both) {
        await until('it shows what would change', async () => (await reviewOf(api, it)).wouldChange.length > 0);
        expect(await reviewOf(api, it)).toMatchObject({ hash, wouldChange: [late] });
        expect(await resultsOf(api, it)).toEqual(before);
      }
      const [here, there] = await Promise.all(both.map((api) => reviewOf(api, it)));
      expect(there?.wouldChange).toEqual(here?.wouldChange);
    }

    // one identity at two devices, one on each side of a line that is down
    const { eventId } = apart;
    line.cut();
    const twins = [
      await fill(tent.url, tentApi, eventId, 'twin'),
      await fill(far.url, farApi, eventId, 'twin', 5_000),
    ] as const;
    for (const twin of twins) await twin.add(50);
    const kept = await Promise.all(both.map((api) => exportOf(api, 'twin.mat')));
    line.mend();
    const alarmId = 'relay-conflict/twin.mat/1';
    for (const [url, name] of [
      [far.url, 'elsewhere'],
      [tent.url, 'at the venue'],
    ] as const) {
      const { doc } = await openDocument(url, ADMIN_TOKEN, setupDocName(EventId.parse(eventId)), stage.onEnd);
      const alarm = await until(`the operators ${name} are alarmed`, () =>
        readAlarms(doc).alarms.find((it) => it.alarmId === alarmId),
      );
      expect(alarm).toMatchObject({ kind: 'relay-conflict', clearedAt: null });
    }
    expect(await Promise.all(both.map((api) => exportOf(api, 'twin.mat')))).toEqual(kept);
    expect(kept[0]).not.toBe(kept[1]);
    const metrics = await fetch(`${tent.url}/metrics`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
    expect(await metrics.text()).toMatch(/^baton_link_conflicts 1$/m);
  });
});
