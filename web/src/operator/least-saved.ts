import type { DocLink } from '@baton/client-core';

const SAVED_FIRST: readonly DocLink['type'][] = ['synced', 'syncing', 'connecting', 'offline', 'refused'];

const badness = ({ type, unsaved, keeping }: DocLink): number =>
  SAVED_FIRST.indexOf(type) + (unsaved ? 0.5 : 0) + (keeping.type === 'not-kept' ? 0.25 : 0);

/** Of several documents, the one whose edits are least far: that is what one light can honestly say of all. */
export const leastSaved = (links: readonly [DocLink, ...DocLink[]]): DocLink =>
  links.reduce((worst, link) => (badness(link) > badness(worst) ? link : worst));
