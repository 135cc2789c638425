import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { followCollection, type LiveDocument, type LiveSocket } from '@baton/client-core/live';
import { systemRandom, systemTimers } from '@baton/client-core/node';
import type { ResultRow } from '@baton/schema/http';
import { expect, it } from 'vitest';
import WebSocket from 'ws';
import { launchBrowser } from './support/browser.ts';
import { createEvent, type Event } from './support/event.ts';
import { startRelay } from './support/nodes.ts';
import { freePort } from './support/ports.ts';
import { createStage, type Stage } from './support/stage.ts';
import { until } from './support/until.ts';

const SCOREBOARD = fileURLToPath(new URL('../docs/examples/scoreboard.mjs', import.meta.url));

/** An event on its day whose results come from another timing system. */
const raceDay = async (
  url: string,
): Promise<{
  readonly event: Event;
  readonly raceId: string;
  readonly tell: (...results: readonly (readonly [bib: string, timeMs: number])[]) => Promise<void>;
}> => {
  const event = await createEvent(url);
  const raceId = await event.race('10 km');
  for (const status of ['startlist', 'running'])
    await event.operator.must('PATCH', `/events/${event.eventId}/status`, { status });
  return {
    event,
    raceId,
    tell: async (...results) => {
      const body = { results: results.map(([bib, timeMs]) => ({ raceId, bib, timeMs })) };
      await event.operator.must('POST', `/events/${event.eventId}/ingest/results`, body);
    },
  };
};

const openSocket = (url: string): LiveSocket => new WebSocket(url) as unknown as LiveSocket; // `ws` has the browser's events

it('[SX-07][SX-18][SX-27] the small client holds what the relay has, through kill -9, beside an event stream of the same', async () => {
  const stage = createStage();
  const relay = await startRelay(stage);
  const { event, raceId, tell } = await raceDay(relay.url);
  await tell(['1', 60_000], ['2', 50_000], ['3', 70_000], ['4', 40_000]);
  let held: ReadonlyMap<string, LiveDocument> = new Map();
  let isCurrent = false;
  const followed = followCollection(
    { timers: systemTimers, random: systemRandom, openSocket },
    {
      relay: relay.url,
      eventId: event.eventId,
      collection: 'results',
      filters: [{ field: 'rank', op: '<=', value: 3 }],
      firstWaitMs: 50,
      maxWaitMs: 200,
      onChange: (documents, state) => {
        held = documents;
        isCurrent = state.isCurrent;
      },
    },
  );
  stage.onEnd(followed.close);
  const podium = async (): Promise<readonly string[]> => {
    const page = (await event.operator.must('GET', `/events/${event.eventId}/results/${raceId}?limit=10`)) as {
      readonly data: readonly ResultRow[];
    };
    return page.data.filter(({ rank }) => rank !== null && rank <= 3).map(({ bib, rank }) => `${rank} ${bib}`);
  };
  const agrees = async (): Promise<boolean> => {
    const mine = [...held.values()].map((row) => `${row['rank']} ${row['bib']}`).sort();
    return isCurrent && JSON.stringify(mine) === JSON.stringify([...(await podium())].sort());
  };
  await until('the podium is held', agrees);

  // as a person would: curl -N
  const curl = `${relay.url}/api/v1/live/sse?eventId=${event.eventId}&collection=results&sendSnapshot=true`;
  const stream = await fetch(curl);
  expect(stream.headers.get('content-type')).toContain('text/event-stream');
  const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const reading = (async () => {
    for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) text += part.value;
  })().catch(() => {}); // the relay is killed below
  await tell(['5', 30_000]);
  await until('the podium has changed', agrees);
  await until('the event stream tells it too', () => /event: change\n(id: \S+\n)?data: .*"bib":"5"/u.test(text));

  await relay.program.end('SIGKILL');
  await until('the cut is told', () => !isCurrent);
  await reading;
  await startRelay(stage, { dataDir: relay.dataDir, port: relay.port });
  await tell(['6', 20_000]);
  await until('the podium is held again', agrees);
  expect([...held.values()].some((row) => row['bib'] === '6')).toBe(true);
});

const startScoreboard = async (stage: Stage, port: number): Promise<string> => {
  const child = spawn(process.execPath, [SCOREBOARD], {
    env: { ...process.env, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  stage.onEnd(() => {
    child.kill('SIGKILL');
  });
  for await (const line of createInterface({ input: child.stdout })) return line.replace('scoreboard ', '');
  throw new Error('the scoreboard said nothing');
};

it('[SX-28] the scoreboard of the docs shows three, and each change of them', async () => {
  const stage = createStage();
  const port = await freePort();
  const relay = await startRelay(stage, { args: ['--allow-origin', `http://127.0.0.1:${port}`] });
  const { event, tell } = await raceDay(relay.url);
  await tell(['1', 60_000], ['2', 50_000], ['3', 70_000]);
  const address = await startScoreboard(stage, port);
  const browser = await launchBrowser();
  stage.onEnd(browser.close);
  const page = await browser.context.newPage();
  await page.goto(`${address}?relay=${encodeURIComponent(relay.url)}&event=${event.eventId}`);
  const bibs = (): Promise<readonly string[]> => page.locator('#rows tr td:nth-child(2)').allTextContents();
  await until('three are shown', async () => (await bibs()).join() === '2,1,3');
  await tell(['4', 40_000]);
  await until('who comes in first is shown, and who leaves is not', async () => (await bibs()).join() === '4,2,1');
  expect(await page.locator('#state').textContent()).toBe('live');
});
