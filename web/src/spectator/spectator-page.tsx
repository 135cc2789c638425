import { computed, type ReadonlySignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import type { Announcer } from '../platform/announcer-store.ts';
import type { PageVersions } from '../platform/page-version.ts';
import { titleWithYear } from '../ui/race-text.ts';
import type { EventSource } from './event-source.ts';
import { lazyPart } from './lazy-part.tsx';
import { PageFrame } from './page-frame.tsx';
import { type Language, say } from './words.ts';

export const titleOf = ({ state }: Pick<EventSource, 'state'>): ReadonlySignal<string | null> =>
  computed(() => {
    const event = state.value?.event;
    return event === undefined ? null : titleWithYear(event.title, event.date);
  });

/** What the window is called. */
export const documentTitle = (title: string | null, page: 'announcer' | 'liveResults'): string =>
  title === null ? `${say(page)} · Baton` : `${title} · ${say(page)}`;

const Foot = lazyPart(async () => (await import('./page-foot.tsx')).PageFoot);
const Announced = lazyPart(async () => (await import('../ui/announcement-bar.tsx')).AnnouncementBar, null);

/** Everything in `#page`: drawn in browsers, and by the relay for what somebody sees first (`first-view.tsx`). */
export const SpectatorPage = (props: {
  readonly title: ReadonlySignal<string | null>;
  readonly isList: boolean;
  readonly onChoose: (code: Language) => void;
  readonly versions: ReadonlySignal<PageVersions | null>;
  readonly announcer: ReadonlySignal<Announcer | null>;
  readonly children: ComponentChildren;
}): JSX.Element => {
  const versions = props.versions.value;
  const announcer = props.announcer.value;
  return (
    <>
      <PageFrame title={props.title} isList={props.isList} onChoose={props.onChoose}>
        {props.children}
        {versions === null ? null : <Foot versions={versions} />}
      </PageFrame>
      {/* the region is there before its words, so that screen readers hear them */}
      <div aria-live="polite">
        {announcer === null || announcer.current.value === null ? null : (
          <Announced current={announcer.current} onDismiss={announcer.dismiss} dismissLabel={say('dismiss')} />
        )}
      </div>
    </>
  );
};
