import type { ReadonlySignal } from '@preact/signals';
import type { JSX } from 'preact';
import { Notice } from '../ui/notice.tsx';
import type { Freshness } from './freshness.ts';
import { agoText, clockText, momentText } from './local-text.ts';
import { say } from './words.ts';

export interface FreshnessProps {
  readonly of: (now: number) => Freshness;
  readonly now: ReadonlySignal<number>;
}

const lineOf = (freshness: Freshness, now: number): readonly [text: string, mark: string] => {
  switch (freshness.type) {
    case 'waiting':
      return [say('loading'), ''];
    case 'never':
      return [say('notLoaded'), 'freshness-old'];
    case 'fresh':
      return [say('updated', { time: clockText(freshness.at) }), 'freshness-live'];
    case 'updating':
      return [say('updating', { time: momentText(freshness.at, now) }), 'freshness-old'];
    case 'final':
      return [say('final', { time: momentText(freshness.at, now) }), 'freshness-final'];
    case 'stale':
      return [say('lastUpdate', { time: momentText(freshness.at, now) }), 'freshness-old'];
  }
};

/** The small print of a list: how old it is. Says nothing that is not so. */
export const FreshnessLine = (props: FreshnessProps): JSX.Element => {
  const now = props.now.value;
  const [text, mark] = lineOf(props.of(now), now);
  return <span class={`freshness ${mark}`}>{text}</span>;
};

/** A moment without the relay is nothing to tell: most come back within seconds. The line has said it already. */
const WORTH_MS = 5000;

/** The sentence above a list that cannot be trusted to be new; null while all is well. */
export const FreshnessNotice = (props: FreshnessProps & { readonly onRetry: () => void }): JSX.Element | null => {
  const now = props.now.value;
  const freshness = props.of(now);
  if (freshness.type !== 'stale' && freshness.type !== 'never') return null;
  if (freshness.type === 'stale' && now - freshness.at < WORTH_MS) return null;
  const title =
    freshness.type === 'stale'
      ? say('resultsFrom', { ago: agoText(freshness.at, now) })
      : say(freshness.offline ? 'offline' : 'noConnection');
  return (
    <Notice
      tone="warn"
      title={title}
      action={
        <button type="button" class="button button-small" onClick={props.onRetry}>
          {say('tryNow')}
        </button>
      }
    >
      {say(freshness.offline ? 'offlineCure' : 'silentCure')}
    </Notice>
  );
};
