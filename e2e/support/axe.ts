import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { CDPSession, Page } from 'playwright-core';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** WCAG 2.2 A and AA, and what axe calls best practice. */
const runWith = (
  rules: object,
): string => `axe.run(document, { resultTypes: ['violations'], rules: ${JSON.stringify(rules)} }).then(({ violations }) => violations.map(
  ({ id, help, nodes }) => id + ': ' + help + ' at ' + nodes.map((it) => it.target.join(' ')).slice(0, 5).join(', ')))`;

/** Runs in the page past its policy, as a debugger does: the policy itself stays as it is. */
const evaluate = async (session: CDPSession, expression: string): Promise<unknown> => {
  const { result, exceptionDetails } = await session.send('Runtime.evaluate', {
    expression,
    awaitPromise: true,
    returnByValue: true,
  });
  if (exceptionDetails !== undefined) throw new Error(`axe failed: ${exceptionDetails.exception?.description}`);
  return result.value;
};

/** Targets of at least 24 CSS pixels, or as far from others: for pages that are used with a thumb. */
export const FOR_THUMBS = { 'target-size': { enabled: true } };

/** What axe finds wrong with the page as it is now, a line for each rule; empty when nothing is. */
export const accessibilityProblems = async (page: Page, rules: object = {}): Promise<readonly string[]> => {
  const session = await page.context().newCDPSession(page);
  await evaluate(session, `${source};undefined`);
  const found = await evaluate(session, runWith(rules));
  await session.detach();
  if (!Array.isArray(found)) throw new Error('axe gave no list of violations');
  return found.map(String);
};
