/** What a browser answers when it is asked whether a page may show notifications. */
export type NotifyPermission = 'granted' | 'denied' | 'default' | 'unsupported';

export interface NotificationDesk {
  readonly permission: () => NotifyPermission;
  /** Asks the person. Only ever called because a button was pressed. */
  readonly ask: () => Promise<NotifyPermission>;
  /** `tag`: a later one of the same tag takes the place of the one before. `href`: where a click leads. */
  readonly show: (it: {
    readonly title: string;
    readonly body: string;
    readonly tag: string;
    readonly href: string;
  }) => void;
}

/** By the page's worker where there is one: phones show no others. */
export const createNotificationDesk = (view: Window & typeof globalThis): NotificationDesk => {
  const Notification = 'Notification' in view ? view.Notification : undefined;
  const registered = async (): Promise<ServiceWorkerRegistration | undefined> =>
    view.navigator.serviceWorker === undefined ? undefined : view.navigator.serviceWorker.getRegistration();
  const show: NotificationDesk['show'] = ({ title, body, tag, href }) => {
    const options = { body, tag, icon: '/icons/baton-192.png', data: { href } };
    const withoutWorker = (): void => {
      try {
        if (Notification !== undefined) new Notification(title, options);
      } catch (error) {
        // phones refuse notifications that no worker shows
        if (!(error instanceof TypeError)) throw error;
      }
    };
    registered().then(
      (registration) => (registration === undefined ? withoutWorker() : registration.showNotification(title, options)),
      withoutWorker,
    );
  };
  return {
    permission: () => Notification?.permission ?? 'unsupported',
    ask: async () => (Notification === undefined ? 'unsupported' : Notification.requestPermission()),
    show,
  };
};
