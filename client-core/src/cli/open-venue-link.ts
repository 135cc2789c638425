import type { OpenVenueLink } from '@baton/schema/command';

/** Loaded when a relay is told of another one, not for every command. */
export const openVenueLink: OpenVenueLink = async (options) =>
  (await import('../platform/node/open-venue-link.ts')).openVenueLink(options);
