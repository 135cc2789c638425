/** Whether somebody can see the page and the device believes it has a network. */
export interface Attention {
  readonly visible: () => boolean;
  readonly online: () => boolean;
  /** Called after either changed. Returns the way to stop. */
  readonly onChange: (listener: () => void) => () => void;
}

/** Calls when a try to reach the relay is worth while: the network is back, or somebody looks again. */
export const wakeOf =
  (attention: Attention) =>
  (listener: () => void): (() => void) =>
    attention.onChange(() => {
      if (attention.visible() && attention.online()) listener();
    });

export const createBrowserAttention = (page: Document, view: Window): Attention => ({
  visible: () => page.visibilityState !== 'hidden',
  online: () => view.navigator.onLine,
  onChange: (listener) => {
    page.addEventListener('visibilitychange', listener);
    view.addEventListener('online', listener);
    view.addEventListener('offline', listener);
    return () => {
      page.removeEventListener('visibilitychange', listener);
      view.removeEventListener('online', listener);
      view.removeEventListener('offline', listener);
    };
  },
});
