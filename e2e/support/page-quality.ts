import type { Page } from 'playwright-core';

/** A browser of a test has no profile to install into. */
const OF_TESTS = 'in-incognito';

/** What speaks against installing the page, and what it does not say of itself; empty when nothing is. */
export const qualityProblems = async (page: Page): Promise<readonly string[]> => {
  const session = await page.context().newCDPSession(page);
  const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
  const { errors } = await session.send('Page.getAppManifest');
  await session.detach();
  const unsaid = await page.evaluate(() => {
    const content = (name: string): string =>
      document.querySelector<HTMLMetaElement>(`meta[name=${name}]`)?.content ?? '';
    return [
      ...(content('description').length > 40 ? [] : ['no description']),
      ...(/width=device-width/.test(content('viewport')) ? [] : ['no viewport']),
      ...(/user-scalable|maximum-scale/.test(content('viewport')) ? ['cannot be zoomed'] : []),
      ...(document.documentElement.lang === '' ? ['no language'] : []),
      ...(document.title === '' ? ['no title'] : []),
    ];
  });
  const against = installabilityErrors.map(({ errorId }) => errorId).filter((it) => it !== OF_TESTS);
  return [...against, ...errors.map(({ message }) => message), ...unsaid];
};

/** Begins to add up how much of the page moves by itself; the result asks for the sum (CLS without its windows). */
export const watchShifts = async (page: Page): Promise<() => Promise<number>> => {
  await page.addInitScript(() => {
    let sum = 0;
    new PerformanceObserver((list) => {
      for (const it of list.getEntries())
        if (Reflect.get(it, 'hadRecentInput') !== true) sum += Reflect.get(it, 'value');
    }).observe({ type: 'layout-shift', buffered: true });
    Object.assign(window, { shifted: () => sum });
  });
  return () => page.evaluate((): number => Reflect.get(window, 'shifted')());
};
