import type { JSX } from 'preact';
import { Loading } from '../ui/notice.tsx';
import { say } from './words.ts';

/**
 * In the place of `lazy-part.tsx` where the relay draws: every part as a page shows it that has just begun, since
 * that page goes on from there.
 */
export const lazyPart =
  (_load: unknown, meanwhile: 'told' | null = 'told') =>
  (_props: object): JSX.Element | null =>
    meanwhile === null ? null : <Loading label={say('loading')} />;
