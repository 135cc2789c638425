import type { Place } from '@baton/schema/doc';
import { type ComponentChildren, createContext, type JSX } from 'preact';
import { useContext } from 'preact/hooks';
import { editingWords, editorsAt } from './people.ts';
import type { PresenceStore } from './presence-store.ts';

/** The open event's presence; fields lie deep inside cards, and it is nothing that a card decides by. */
export const PresenceContext = createContext<PresenceStore | null>(null);

/** Says beside an entry that somebody else is at it. */
export const EditingMark = (props: { readonly at: Place }): JSX.Element | null => {
  const people = useContext(PresenceContext)?.people.value ?? [];
  const here = editorsAt(people, props.at);
  return here.length === 0 ? null : <span class="editing-mark">{editingWords(here)}</span>;
};

/** The fields of one entry: others are told while the focus is in them, and a mark shows while theirs is. */
export const EditedPlace = (props: {
  readonly at: Place;
  readonly class?: string;
  readonly children: ComponentChildren;
}): JSX.Element => {
  const { at } = props;
  const presence = useContext(PresenceContext);
  return (
    <div
      class={`edited-place ${props.class ?? ''}`}
      data-place=""
      onFocusIn={(event) => {
        // of two, one in the other, the inner one counts
        const inner = event.target instanceof Element ? event.target.closest('[data-place]') : null;
        if (inner === event.currentTarget) presence?.setEditing(at);
      }}
      onFocusOut={() => presence?.setEditing(null)}
    >
      {props.children}
      <EditingMark at={at} />
    </div>
  );
};
