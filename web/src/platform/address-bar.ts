/** The part of a browser window that holds an address. */
export interface AddressBar {
  readonly search: () => string;
  readonly push: (href: string) => void;
  /** As `push`, without a step to go back to. */
  readonly replace: (href: string) => void;
  readonly onBack: (listener: () => void) => void;
}

export const createAddressBar = (window: Window): AddressBar => ({
  search: () => window.location.search,
  push: (href) => window.history.pushState(null, '', href),
  replace: (href) => window.history.replaceState(null, '', href),
  onBack: (listener) => window.addEventListener('popstate', listener),
});
