import { tokenOfFragment } from './token-link.ts';

/** Takes the token of the link that opened the page and removes it from the address bar and the history at once. */
export const takeLinkToken = (location: Location, history: History): string | null => {
  const token = tokenOfFragment(location.hash);
  if (token !== null) history.replaceState(null, '', location.pathname + location.search);
  return token;
};
