import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createStage } from './support/stage.ts';
import { until } from './support/until.ts';

const DEMO = fileURLToPath(new URL('../bin/demo.mjs', import.meta.url));

/** It starts many programs, one of which makes a database. */
const START_MS = 180_000;

const isDown = async (url: string): Promise<boolean> => {
  try {
    await fetch(url);
    return false;
  } catch {
    return true; // nobody listens: that is the answer
  }
};

describe('the demo', () => {
  it('shows reads on their way from the mat to the screen, and ends with 0 and without a trace', async () => {
    const stage = createStage();
    const folder = join(stage.folder('demo'), 'data');
    const demo = spawn(process.execPath, [DEMO, '--no-setup'], { env: { ...process.env, BATON_DEMO_DIR: folder } });
    let said = '';
    demo.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    demo.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const ended = new Promise<number | null>((resolve) => demo.once('close', resolve));
    stage.onEnd(async () => {
      demo.kill('SIGTERM');
      await ended;
    });

    const pages = await until(
      'it prints the addresses',
      () => /spectators +(\S+)\/e\/(\S+)/.exec(said) ?? undefined,
      START_MS,
    );
    const [, url = '', eventId = ''] = pages;
    expect(said).toMatch(/operator +\S+\/operate#token=\S+/);
    expect(said).toMatch(/receiver +\S+\/receive#token=\S+/);
    const status = await until(
      'reads are in the receiver',
      () => /([1-9]\d*) reads at the relay, [1-9]\d* in the receiver \(live\)/.exec(said) ?? undefined,
      START_MS,
    );
    expect(Number(status[1])).toBeGreaterThan(10);

    const api = `${url}/api/v1/events/${eventId}`;
    const { races } = (await (await fetch(`${api}/races`)).json()) as { races: { raceId: string }[] };
    const raceId = races[0]?.raceId ?? '';
    const results = await until('spectators see runners', async () => {
      const body = (await (await fetch(`${api}/results/${raceId}`)).json()) as { total: number; data: unknown[] };
      return body.total > 10 ? body : undefined;
    });
    expect(results.data[0]).toMatchObject({ raceId, name: expect.stringMatching(/\S+ \S+/) });

    demo.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(await isDown(url)).toBe(true);
    const control = /control API (http:\/\/[^/]+)/.exec(said)?.[1] ?? '';
    expect(await isDown(control)).toBe(true);
  });
});
