import { lazyPart } from './lazy-part.tsx';
import type { StarProps } from './star-button.tsx';

/** The mark of a favourite; results do not wait for it. */
export const Star = lazyPart<StarProps>(async () => (await import('./star-button.tsx')).StarButton, null);
