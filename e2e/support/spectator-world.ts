import type { Browser, Page } from 'playwright-core';
import { createEvent, type Event } from './event.ts';
import { type Relay, startRelay } from './nodes.ts';
import type { Stage } from './stage.ts';

/** An event that another timing system fills over HTTP: results without mats. */
export interface SpectatorWorld {
  readonly relay: Relay;
  readonly event: Event;
  readonly raceId: string;
  readonly address: string;
  readonly status: (...steps: readonly string[]) => Promise<void>;
  readonly results: (...rows: readonly (readonly [bib: string, timeMs: number])[]) => Promise<void>;
  readonly oncourse: (...bibs: readonly string[]) => Promise<void>;
}

export const RUNNERS = ['Ada Quick', 'Bo Slow', 'Cy <b>Bold</b>', 'Dee Last'] as const;

/** A relay with an event of one race; runners have the bibs 1, 2, 3 … */
export const openSpectatorWorld = async (
  stage: Stage,
  options: { readonly args?: readonly string[]; readonly runners?: number } = {},
): Promise<SpectatorWorld> => addSpectatorWorld(await startRelay(stage, { args: options.args ?? [] }), options);

/** As `openSpectatorWorld`, on a relay that has others. */
export const addSpectatorWorld = async (
  relay: Relay,
  options: { readonly runners?: number } = {},
): Promise<SpectatorWorld> => {
  const event = await createEvent(relay.url);
  const { operator, eventId } = event;
  const raceId = await event.race('10 km');
  const names = Array.from({ length: options.runners ?? RUNNERS.length }, (_, at) => RUNNERS[at] ?? `Runner ${at + 1}`);
  await operator.must('POST', `/events/${eventId}/ingest/structure`, {
    races: [{ raceId, name: '10 km' }],
    categories: [{ categoryId: 'open', name: 'Open' }],
    participants: names.map((name, at) => ({ bib: String(at + 1), raceId, name, club: 'Harbour', category: 'open' })),
  });
  return {
    relay,
    event,
    raceId,
    address: `${relay.url}/e/${eventId}`,
    status: async (...steps) => {
      for (const status of steps) await operator.must('PATCH', `/events/${eventId}/status`, { status });
    },
    results: async (...rows) => {
      const results = rows.map(([bib, timeMs]) => ({ raceId, bib, timeMs }));
      await operator.must('POST', `/events/${eventId}/ingest/results`, { results });
    },
    oncourse: async (...bibs) => {
      const oncourse = bibs.map((bib) => ({ raceId, bib, startedAt: Date.now() }));
      await operator.must('POST', `/events/${eventId}/ingest/oncourse`, { oncourse });
    },
  };
};

/** Somebody who watches, with what their browser asked for and complained about. */
export interface Watcher {
  readonly page: Page;
  /** Paths of the API that were asked for by HTTP. */
  readonly asked: string[];
  readonly complaints: string[];
  /** Sockets so far, open or not. */
  readonly sockets: () => number;
}

/** Browsers complain of each refusal and lost connection by themselves; the page has its own words for them. */
const isExpected = (text: string): boolean => /Failed to load resource|WebSocket connection to/.test(text);

/** @param options.before run in the page before its own scripts */
export const watch = async (
  browser: Pick<Browser, 'newContext'>,
  stage: Stage,
  address: string,
  { before, ...options }: Parameters<Browser['newContext']>[0] & { readonly before?: () => void } = {},
): Promise<Watcher> => {
  const context = await browser.newContext({ locale: 'en-GB', ...options });
  stage.onEnd(() => context.close());
  if (before !== undefined) await context.addInitScript(before);
  const page = await context.newPage();
  const asked: string[] = [];
  const complaints: string[] = [];
  let sockets = 0;
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith('/api/')) asked.push(pathname);
  });
  page.on('websocket', () => sockets++);
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' && !isExpected(message.text())) complaints.push(message.text());
  });
  await page.goto(address);
  return { page, asked, complaints, sockets: () => sockets };
};

/** What a browser tells a page once there is a network again: it tries at once, instead of after its pause. */
export const noticeNetwork = (page: Page): Promise<boolean> => page.evaluate(() => dispatchEvent(new Event('online')));
