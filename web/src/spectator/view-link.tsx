import type { ComponentChildren, JSX } from 'preact';
import type { EventStore } from './event-store.ts';
import type { View } from './route.ts';

const isPlain = (event: MouseEvent): boolean =>
  event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;

/** A link to another view of the same event: opens here without loading the page, and elsewhere like any link. */
export const ViewLink = (props: {
  readonly store: EventStore;
  readonly to: Partial<View>;
  readonly class?: string;
  readonly current?: boolean;
  readonly children: ComponentChildren;
}): JSX.Element => (
  <a
    class={props.class ?? ''}
    href={props.store.hrefOf(props.to)}
    aria-current={props.current === true ? 'page' : undefined}
    onClick={(event) => {
      if (!isPlain(event)) return;
      event.preventDefault();
      props.store.go(props.to);
    }}
  >
    {props.children}
  </a>
);
