import {
  createDocClient,
  createMemoryStore,
  createRelayApi,
  createRelaySource,
  type DeadLetter,
  type LiveSource,
  type LiveStore,
  openLive,
  type Projection,
} from '@baton/client-core';
import { NodeDocSocket, openWsSocket, systemClock, systemRandom, systemTimers } from '@baton/client-core/node';
import { EventId } from '@baton/schema/ids';
import { silentLog } from '@baton/schema/ports';
import { createApi } from '@baton/testkit/api';
import { liveStoreContract } from '@baton/testkit/live-store-contract';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Browser, launchBrowser } from './support/browser.ts';
import { createEvent, type Event } from './support/event.ts';
import { startLabServer } from './support/lab-server.ts';
import type { LiveLab } from './support/live-page.ts';
import { ADMIN_TOKEN, type Relay, startRelay } from './support/nodes.ts';
import { openRelayFiller } from './support/relay-filler.ts';
import { createStage } from './support/stage.ts';
import { until } from './support/until.ts';

const ports = { clock: systemClock, timers: systemTimers, random: systemRandom, log: silentLog };
let browser: Browser;
const ends: (() => Promise<void> | void)[] = [];
/** Where the page comes from whose databases are used; it needs no relay. */
let storesUrl: Promise<string>;
let databases = 0;

beforeAll(async () => {
  browser = await launchBrowser();
  storesUrl = startLabServer({ onEnd: (end) => ends.push(end) }, 9, 'live-page.ts').then(({ url }) => url);
});
afterAll(async () => {
  await browser.close();
  for (const end of ends) await end();
});

/** So that a relay that comes back is found at once. */
const RECONNECT = { firstMs: 20, maxMs: 100 };

const sourceOf = (relay: Relay, event: Event, token: string): LiveSource =>
  createRelaySource(
    {
      ...ports,
      openSocket: openWsSocket,
      api: createRelayApi({ relay: relay.url, token }),
      followDoc: (name) => createDocClient({ ...ports, WebSocket: NodeDocSocket }, { relay: relay.url, token, name }),
    },
    { relay: relay.url, token, eventId: EventId.parse(event.eventId), selection: 'event', streamsMs: 100 },
  );

interface Seen {
  readonly reads: number;
  /** Numbers that did not follow the one before them. */
  readonly jumps: number;
  readonly races: number;
  readonly last: Readonly<Record<string, number>>;
}

const seen = (name: string): Projection<Seen> => ({
  name,
  version: '1',
  initial: () => ({ reads: 0, jumps: 0, races: 0, last: {} }),
  apply: (state, item) => {
    if (item.type === 'setup') return { ...state, races: item.setup.races.size };
    const pair = `${item.streamId}/${item.epoch}`;
    const jumps = state.jumps + (item.seq === (state.last[pair] ?? 0) + 1 ? 0 : 1);
    return { ...state, reads: state.reads + 1, jumps, last: { ...state.last, [pair]: item.seq } };
  },
});

const socketsAt = async (relay: Relay): Promise<string | undefined> => {
  const text = await (
    await fetch(`${relay.url}/metrics`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } })
  ).text();
  return /baton_sockets\{role="operator"\} (\d+)/.exec(text)?.[1];
};

describe('live projections over a relay', () => {
  it('[EF-05][EF-06][EF-07][EF-08][EF-09][EF-18][EF-22] follow everything over one session, through kill -9 of the relay, without loss or repeat', async () => {
    const stage = createStage();
    const relay = await startRelay(stage);
    const event = await createEvent(relay.url);
    await event.race('10 km');
    const token = await event.token('forwarder', 'mat-1');
    const fill = (url: string) => openRelayFiller(url, { eventId: event.eventId, nodeId: 'mat-1', token });
    const filler = await fill(relay.url);
    await filler.add(3000);

    const [one, two] = [seen('one'), seen('two')];
    const projections = [one, two, ...Array.from({ length: 8 }, (_, index) => seen(`more-${index}`))];
    const live = openLive(ports, {
      source: sourceOf(relay, event, event.operatorToken),
      projections,
      checkpoints: createMemoryStore(),
      liveConfig: { reconnect: RECONNECT, checkpointMs: 50 },
    });
    stage.onEnd(live.close);
    expect(await socketsAt(relay)).toBeUndefined();
    const started = await live.startLive();
    if (!started.ok) throw new Error(started.error.message);
    const handle = started.value;
    await until('all history is told', () => handle.isCaughtUp());
    expect(await live.liveProjection(one)).toMatchObject({ value: { reads: 3000, jumps: 0, races: 1 } });
    // one session for the reads of ten consumers, one for each of the two documents
    expect(await socketsAt(relay)).toBe('3');

    await filler.add(500);
    await event.race('5 km');
    await until('what is new is told', async () => {
      const state = await live.liveProjection(two);
      return state.ok && state.value.reads === 3500 && state.value.races === 2;
    });

    await relay.program.end('SIGKILL');
    await until('the cut is noticed', () => !handle.isCaughtUp());
    const again = await startRelay(stage, { dataDir: relay.dataDir, port: relay.port });
    filler.close();
    await until('it is caught up again', () => handle.isCaughtUp());
    const refiller = await openRelayFiller(again.url, {
      eventId: event.eventId,
      nodeId: 'mat-2',
      token: await event.token('forwarder', 'mat-2'),
    });
    stage.onEnd(refiller.close);
    await refiller.add(700);
    await until('a stream that came later is followed too', async () => {
      const state = await live.liveProjection(one);
      return state.ok && state.value.reads === 4200;
    });
    for (const projection of projections) {
      const [followed, pulled] = [await live.liveProjection(projection), await live.projection(projection)];
      expect(followed).toMatchObject({ value: { reads: 4200, jumps: 0, races: 2 } });
      expect(pulled).toMatchObject({ value: { reads: 4200, jumps: 0, races: 2 } });
    }
  });

  it('say that they are refused for good when their token is revoked', async () => {
    const stage = createStage();
    const relay = await startRelay(stage);
    const event = await createEvent(relay.url);
    const made = await event.admin.must('POST', '/tokens', { role: 'operator', eventId: event.eventId });
    const { token, tokenId } = made as { readonly token: string; readonly tokenId: string };
    const live = openLive(ports, {
      source: sourceOf(relay, event, token),
      projections: [seen('one')],
      checkpoints: createMemoryStore(),
    });
    stage.onEnd(live.close);
    const started = await live.startLive();
    if (!started.ok) throw new Error(started.error.message);
    await until('it is caught up', () => started.value.isCaughtUp());
    await createApi(relay.url, ADMIN_TOKEN).must('DELETE', `/tokens/${tokenId}`);
    const state = await until('it is refused', () => {
      const now = started.value.status().state;
      return now.type === 'refused' ? now : undefined;
    });
    expect(state).toMatchObject({ type: 'refused' });
    expect(started.value.isCaughtUp()).toBe(false);
  });
});

const openPage = async (url: string): Promise<Page> => {
  const page = await browser.context.newPage();
  await page.goto(`${url}/`);
  await page.waitForFunction(() => 'lab' in window);
  return page;
};

describe('live projections in a browser', () => {
  it('[EF-06][EF-09] follow a relay as they do in Node', async () => {
    const stage = createStage();
    const relay = await startRelay(stage);
    const event = await createEvent(relay.url);
    const filler = await openRelayFiller(relay.url, {
      eventId: event.eventId,
      nodeId: 'mat-1',
      token: await event.token('forwarder', 'mat-1'),
    });
    stage.onEnd(filler.close);
    await filler.add(1000);
    const server = await startLabServer(stage, relay.port, 'live-page.ts');
    const page = await openPage(server.url);
    stage.onEnd(() => page.close());
    const given = { relay: server.url, token: event.operatorToken, eventId: event.eventId, streamId: filler.streamId };
    await page.evaluate((it) => (Reflect.get(window, 'lab') as LiveLab).follow(it), given);
    const counted = () => page.evaluate(() => (Reflect.get(window, 'lab') as LiveLab).count());
    await until('history is counted', async () => (await counted()).count === 1000);
    await filler.add(10);
    await until('live reads are counted', async () => (await counted()).count === 1010);
    server.cut();
    await until('the cut is noticed', async () => !(await counted()).caughtUp);
    await filler.add(10);
    server.mend();
    await until('it has caught up', async () => (await counted()).count === 1020);
  });
});

/** The store of a page, called from here. */
const remoteStore = (page: Page): LiveStore => {
  type Lab = { callStore: (method: string, ...args: readonly unknown[]) => unknown };
  const call = (method: string, ...args: readonly unknown[]): Promise<never> =>
    page.evaluate(([name, given]) => (Reflect.get(window, 'lab') as Lab).callStore(name, ...given), [
      method,
      args.filter((it) => it !== undefined),
    ] as const) as Promise<never>;
  return {
    load: (consumer) => call('load', consumer),
    save: (consumer, text) => call('save', consumer, text),
    letters: (manager) => call('letters', manager),
    putLetter: (letter: DeadLetter) => call('putLetter', letter),
    dropLetter: (manager, key) => call('dropLetter', manager, key),
    close: () => call('close'),
  };
};

liveStoreContract('IndexedDB in Chromium', async () => {
  const url = await storesUrl;
  const name = `live-${++databases}`;
  const pages: Page[] = [];
  const open = async (): Promise<LiveStore> => {
    const page = await openPage(url);
    pages.push(page);
    expect(await page.evaluate((it) => (Reflect.get(window, 'lab') as LiveLab).openStore(it), name)).toBeNull();
    return remoteStore(page);
  };
  return {
    store: await open(),
    reopen: open,
    end: async () => {
      for (const page of pages) await page.close();
    },
  };
});
