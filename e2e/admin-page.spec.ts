import { renderIpicoLine } from '@baton/schema/reads';
import { chromium, type Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { accessibilityProblems } from './support/axe.ts';
import { BROWSER_FLAGS, executable } from './support/browser.ts';
import { createEvent } from './support/event.ts';
import { ADMIN_TOKEN, startForwarder, startRelay } from './support/nodes.ts';
import { startScriptedReader } from './support/scripted-reader.ts';
import { createStage, type Stage } from './support/stage.ts';
import { until } from './support/until.ts';

const PATIENCE = { timeout: 30_000 };

const crossing = (runner: number): string =>
  renderIpicoLine({
    readerId: 0,
    tag: `0580aa00000${runner}`,
    iCount: 1,
    qCount: 1,
    wallHundredths: (Date.UTC(2026, 4, 17, 10) + runner * 1000) / 10,
    extra: null,
    kind: 'RAW',
  });

/** A relay with two events, one of them with a forwarder and three reads; it is linked to another one. */
const setScene = async (stage: Stage) => {
  const far = await startRelay(stage);
  const upstream = ['--upstream', far.url, '--upstream-token', ADMIN_TOKEN];
  const relay = await startRelay(stage, { args: ['--writer-stuck-ms', '60000', ...upstream] });
  const event = await createEvent(relay.url, 'Harbour run');
  await createEvent(relay.url, '<img src=x onerror=alert(1)>');
  const reader = await startScriptedReader(stage.onEnd);
  const forwarderToken = await event.token('forwarder', 'mat-1');
  await startForwarder(stage, {
    relay: relay.url,
    token: forwarderToken,
    readers: [`finish=${reader.address}`],
    journal: stage.folder('journal'),
  });
  await reader.connected();
  await reader.sendLines([0, 1, 2].map(crossing), 2000);
  return { far, relay, event, forwarderToken };
};

/** What the page says beside a name. */
const fact = (page: Page, name: string) =>
  page.locator('.facts > div', { has: page.locator('dt', { hasText: new RegExp(`^${name}$`) }) }).locator('dd');

/** Nothing of a page is cut off or makes it scroll sideways. */
const isTooWide = (page: Page): Promise<boolean> =>
  page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);

const openAdmin = async (stage: Stage, url: string, scheme: 'light' | 'dark') => {
  const browser = await chromium.launch({ executablePath: executable(), headless: true, args: [...BROWSER_FLAGS] });
  stage.onEnd(() => browser.close());
  const page = await browser.newPage({ colorScheme: scheme, viewport: { width: 1440, height: 900 } });
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (/Content Security Policy|Trusted Types/i.test(message.text())) complaints.push(message.text());
  });
  await page.goto(`${url}/admin#token=${ADMIN_TOKEN}`);
  return { page, complaints };
};

describe('the admin page', () => {
  it('shows health, storage, connections, events and tokens, takes a token back, and says when the relay is gone', async () => {
    const stage = createStage();
    const { far, relay, event, forwarderToken } = await setScene(stage);
    const { page, complaints } = await openAdmin(stage, relay.url, 'light');
    await page.getByText('Ready', { exact: true }).waitFor(PATIENCE);
    expect(page.url()).toBe(`${relay.url}/admin`);
    await until('the reads are counted', async () => (await fact(page, 'Reads stored').textContent()) === '3');
    expect(await fact(page, 'Forwarders').textContent()).toBe('1');
    expect(await fact(page, 'Disk').textContent()).toMatch(/free/);
    await page.getByRole('link', { name: 'Harbour run' }).waitFor(PATIENCE);
    await page.getByRole('link', { name: '<img src=x onerror=alert(1)>' }).waitFor(PATIENCE);

    // the link: one line an event, and what each relay lacks
    const link = page.getByRole('region', { name: 'Relay elsewhere' });
    const linked = link.getByRole('row', { name: /Harbour run/ });
    /** On a phone it stands under the event, else in a column of its own. */
    const state = (text: string) => linked.getByText(text, { exact: true }).filter({ visible: true });
    await state('Connected').waitFor(PATIENCE);
    await until('both have all', async () => (await linked.getByText('nothing', { exact: true }).count()) === 2);
    expect(await fact(page, 'Address').textContent()).toBe(far.url);
    await far.program.end('SIGKILL');
    await state('Away').waitFor(PATIENCE);
    await linked.getByText(/^since .*: the relay/).waitFor(PATIENCE);

    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      for (const width of [320, 768, 1440]) {
        await page.setViewportSize({ width, height: 900 });
        expect(await isTooWide(page), `${scheme} ${width}`).toBe(false);
        expect(await accessibilityProblems(page), `${scheme} ${width}`).toEqual([]);
      }
    }

    const row = page.getByRole('row', { name: /mat-1/ });
    await row.getByRole('button', { name: 'Revoke…' }).click();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('has ended.').waitFor(PATIENCE);
    await row.waitFor({ ...PATIENCE, state: 'detached' });
    const me = await fetch(`${relay.url}/api/v1/me`, { headers: { authorization: `Bearer ${forwarderToken}` } });
    expect(me.status).toBe(401);
    await until('its connection has ended', async () => (await fact(page, 'Forwarders').textContent()) === '0');

    const log = relay.program.stderr().join('\n');
    expect(log).toMatch(/"msg":"refused".*"requestId"/);
    for (const secret of [ADMIN_TOKEN, forwarderToken, event.operatorToken]) expect(log).not.toContain(secret);

    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Token').fill(event.operatorToken);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('This token is for a operator').waitFor(PATIENCE);
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByLabel('Token').fill(ADMIN_TOKEN);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('Ready', { exact: true }).waitFor(PATIENCE);

    await relay.program.end('SIGKILL');
    await page.getByText('Not known').first().waitFor(PATIENCE);
    await page.getByText(/^The relay’s state as of/).waitFor(PATIENCE);
    expect(complaints).toEqual([]);
  });
});
