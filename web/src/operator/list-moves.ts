import { type ReadonlySignal, useSignal } from '@preact/signals';
import { useFocusLater } from '../ui/focus-later.ts';

/** Moving and removing the items of a drawn list, so that the focus stays with them and a screen reader hears it. */
export interface ListMoves<T> {
  readonly move: (item: T, by: -1 | 1) => void;
  readonly remove: (item: T) => void;
  /** What the last move did. */
  readonly said: ReadonlySignal<string>;
}

export const useListMoves = <T extends { readonly name: string }>(list: {
  readonly items: readonly T[];
  /** Id in the page of an item's part: `up`, `down` and `remove` are its buttons. */
  readonly idOf: (item: T, part: string) => string;
  /** Where the focus goes when the last item went. */
  readonly newId: string;
  readonly onMove: (item: T, by: -1 | 1) => void;
  readonly onRemove: (item: T) => void;
}): ListMoves<T> => {
  const { items, idOf } = list;
  const focusLater = useFocusLater();
  const said = useSignal('');
  const move = (item: T, by: -1 | 1): void => {
    const to = items.indexOf(item) + by;
    if (to < 0 || to >= items.length) return;
    list.onMove(item, by);
    said.value = `${item.name} is now ${to + 1} of ${items.length}.`;
    // a button at the end of its way is disabled and loses the focus
    focusLater(document.activeElement?.id ?? '', idOf(item, by < 0 ? 'down' : 'up'));
  };
  const remove = (item: T): void => {
    const at = items.indexOf(item);
    const next = items[at + 1] ?? items[at - 1];
    list.onRemove(item);
    focusLater(...(next === undefined ? [] : [idOf(next, 'remove')]), list.newId);
  };
  return { move, remove, said };
};

/** Alt with an arrow key moves the item that has the focus. */
export const moveByKey =
  (onMove: (by: -1 | 1) => void) =>
  (event: KeyboardEvent): void => {
    if (!event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
    event.preventDefault();
    onMove(event.key === 'ArrowUp' ? -1 : 1);
  };
