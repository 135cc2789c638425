import type { Author } from '@baton/schema/doc';
import type { Grant } from './grant.ts';

/** What people are told of a grant's owner: its token's label, else its role. */
export const nameOf = (grant: Pick<Grant, 'label' | 'role'> | null): string => grant?.label ?? grant?.role ?? 'relay';

/** How an edit that was asked for over HTTP is signed; `at` in ms since the Unix epoch. */
export const authorOf = (grant: Grant | null, at: number): Author => ({ name: nameOf(grant), at });
