import type { DeviceCopyDeps } from '@baton/client-core';

/** Browsers freeze hidden pages: nothing runs in them until they are resumed. */
export const pageLifecycle =
  (page: Document): DeviceCopyDeps['onLifecycle'] =>
  (listener) => {
    const frozen = (): void => listener('frozen');
    const resumed = (): void => listener('resumed');
    page.addEventListener('freeze', frozen);
    page.addEventListener('resume', resumed);
    return () => {
      page.removeEventListener('freeze', frozen);
      page.removeEventListener('resume', resumed);
    };
  };
