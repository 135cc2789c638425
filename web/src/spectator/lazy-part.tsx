import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { Empty, Loading } from '../ui/notice.tsx';
import { say } from './words.ts';

type Part<P> = (props: P) => JSX.Element | null;

type Loaded<P> =
  | { readonly type: 'not-yet' }
  | { readonly type: 'failed' }
  | { readonly type: 'here'; readonly Part: Part<P> };

/** Null: a part that nobody misses until it is there. */
type Meanwhile = 'told' | null;

const Failed = (): JSX.Element => (
  <Empty
    title={say('loadingFailed')}
    action={
      <button type="button" class="button" onClick={() => location.reload()}>
        {say('reload')}
      </button>
    }
  >
    {say('loadingFailedWhy')}
  </Empty>
);

/** A part of the page that is loaded when it is first shown: whoever wants results alone does not wait for it. */
export const lazyPart = <P extends object>(load: () => Promise<Part<P>>, meanwhile: Meanwhile = 'told'): Part<P> => {
  const state = signal<Loaded<P>>({ type: 'not-yet' });
  let isAsked = false;
  const fetchPart = async (): Promise<void> => {
    isAsked = true;
    try {
      state.value = { type: 'here', Part: await load() };
    } catch (error) {
      // without a network, or where a newer build has taken the file's place
      if (!(error instanceof TypeError)) throw error;
      state.value = { type: 'failed' };
      isAsked = false;
    }
  };
  return (props) => {
    const now = state.value;
    if (now.type === 'not-yet' && !isAsked) void fetchPart();
    if (now.type === 'here') return <now.Part {...props} />;
    if (meanwhile === null) return null;
    return now.type === 'failed' ? <Failed /> : <Loading label={say('loading')} />;
  };
};
