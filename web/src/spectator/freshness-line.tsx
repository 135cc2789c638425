import type { JSX } from 'preact';
import { Notice } from '../ui/notice.tsx';
import { agoText, clockText } from '../ui/time-text.ts';
import type { Freshness } from './freshness.ts';

/** The small print under a list: how old it is. Says nothing that is not so. */
export const FreshnessLine = (props: { readonly freshness: Freshness }): JSX.Element => {
  const { freshness } = props;
  switch (freshness.type) {
    case 'waiting':
      return <span class="freshness">Loading…</span>;
    case 'never':
      return <span class="freshness freshness-old">Not loaded yet</span>;
    case 'fresh':
      return (
        <span class="freshness freshness-live">
          Updated <time>{clockText(freshness.at)}</time>
        </span>
      );
    case 'stale':
      return (
        <span class="freshness freshness-old">
          Last update <time>{clockText(freshness.at)}</time>
        </span>
      );
  }
};

/** The sentence above a list that cannot be trusted to be new; null while all is well. */
export const FreshnessNotice = (props: {
  readonly freshness: Freshness;
  readonly now: number;
  readonly onRetry: () => void;
}): JSX.Element | null => {
  const { freshness, now, onRetry } = props;
  if (freshness.type === 'fresh' || freshness.type === 'waiting') return null;
  const retry = (
    <button type="button" class="button button-small" onClick={onRetry}>
      Try now
    </button>
  );
  const cure = freshness.offline
    ? 'Your device is offline. It goes on by itself once you have a connection.'
    : 'The results server does not answer at the moment. The page keeps trying.';
  if (freshness.type === 'never') {
    return (
      <Notice tone="warn" title={freshness.offline ? 'You are offline' : 'No connection'} action={retry}>
        {cure}
      </Notice>
    );
  }
  return (
    <Notice tone="warn" title={`These results are from ${agoText(freshness.at, now)}`} action={retry}>
      {cure}
    </Notice>
  );
};
