import type { BrowserContext, CDPSession, Page } from 'playwright-core';
import type { Lab, LabOptions } from './document-page.ts';
import { until } from './until.ts';

type Link = ReturnType<Lab['link']>;

/** A tab with one document open. */
export interface LabPage {
  readonly page: Page;
  readonly cdp: CDPSession;
  /** Runs in the page: `step` may use nothing from outside but `given`. */
  readonly run: <T, G = undefined>(step: (lab: Lab, given: G) => T | Promise<T>, given?: G) => Promise<T>;
  readonly edit: (key: string, value: unknown) => Promise<void>;
  readonly link: () => Promise<Link>;
  /** Waits for what a person is shown. */
  readonly shows: (what: string, matches: (link: Link) => boolean) => Promise<Link>;
  /** Numbers of edits that were shown as on this device, or on the relay: the highest that this page said. */
  readonly shown: () => { readonly device: number; readonly relay: number };
  /** What the browser complained about. */
  readonly complaints: readonly string[];
}

const follow = (page: Page) => {
  const shown = { device: 0, relay: 0 };
  const complaints: string[] = [];
  page.on('console', (message) => {
    const told = /^shown (device|relay) (\d+)$/.exec(message.text());
    const where = told?.[1];
    if (where === 'device' || where === 'relay') shown[where] = Math.max(shown[where], Number(told?.[2]));
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  return { shown, complaints };
};

/** Opens a tab with the document, from a lab server; it need not reach the relay. */
export const openLab = async (context: BrowserContext, server: string, options: LabOptions): Promise<LabPage> => {
  const page = await context.newPage();
  const { shown, complaints } = follow(page);
  const cdp = await context.newCDPSession(page);
  await page.goto(`${server}/`);
  await page.waitForFunction(() => 'lab' in window);
  await page.evaluate((given) => (Reflect.get(window, 'lab') as Lab).open(given), options);
  const link = (): Promise<Link> => page.evaluate(() => (Reflect.get(window, 'lab') as Lab).link());
  return {
    page,
    cdp,
    run: (step, given) => page.evaluate(`(${step.toString()})(window.lab, ${JSON.stringify(given ?? null)})`),
    edit: (key, value) =>
      page.evaluate(([k, v]) => (Reflect.get(window, 'lab') as Lab).edit(k, v), [key, value] as [string, unknown]),
    link,
    shows: (what, matches) =>
      until(what, async () => {
        const now = await link();
        return matches(now) ? now : undefined;
      }),
    shown: () => ({ ...shown }),
    complaints,
  };
};

export const isSaved = (link: Link): boolean => link.type === 'synced' && !link.unsaved;
export const isOnDevice = (link: Link): boolean => link.unsaved && link.keeping.type === 'kept';

/** Waits until all pages hold the same: by content and by state vector. Returns the content. */
export const converge = async (pages: readonly LabPage[]): Promise<Record<string, unknown>> =>
  until('all documents are equal', async () => {
    const states = await Promise.all(
      pages.map(({ run }) => run((lab) => ({ json: lab.json(), vector: lab.vector(), saved: !lab.link().unsaved }))),
    );
    const [first] = states;
    if (first === undefined) throw new Error('no pages');
    const wanted = JSON.stringify([Object.entries(first.json).sort(), first.vector]);
    const same = states.every(
      ({ json, vector, saved }) => saved && JSON.stringify([Object.entries(json).sort(), vector]) === wanted,
    );
    return same ? first.json : undefined;
  });
