import type { BrowserContext, Locator, Page } from 'playwright-core';
import { launchBrowser } from './browser.ts';
import type { Stage } from './stage.ts';

/** Somebody with a browser of their own. */
export interface Visitor {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What the browser complained about: a broken policy, an exception. */
  readonly complaints: readonly string[];
}

export const visit = async (stage: Stage, address: string): Promise<Visitor> => {
  const browser = await launchBrowser();
  stage.onEnd(browser.close);
  const page = await browser.context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (/Content Security Policy|Trusted Types/i.test(message.text())) complaints.push(message.text());
  });
  await page.goto(address);
  return { page, context: browser.context, complaints };
};

/** The light in the corner that says how far one's edits have got. */
export const light = (page: Page, word: string): Locator => page.locator('.topbar').getByText(word, { exact: true });
