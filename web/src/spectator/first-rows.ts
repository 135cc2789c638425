import type { Clock } from '@baton/schema/ports';
import { decodeFull } from './feed-body.ts';
import { type FeedState, takeFrame } from './feed-state.ts';

/** What the relay sent within the page, as if it had just come, and when it was so; null: nothing. */
export const firstRowsIn = (
  page: Pick<Document, 'getElementById'>,
  clock: Clock,
): { readonly state: FeedState; readonly at: number } | null => {
  const text = page.getElementById('first-rows')?.textContent;
  const data = text == null ? null : decodeFull(JSON.parse(text));
  const step = data === null ? null : takeFrame(null, { type: 'full', data });
  // a browser may show a page of an hour ago again: it is as old as it says, and the feed that is on its way knows better
  return step?.type === 'held' ? { state: step.state, at: Math.min(step.state.asOf, clock.now()) } : null;
};
