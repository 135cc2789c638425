import './part-words.ts';
import type { JSX } from 'preact';
import { Empty } from '../ui/notice.tsx';
import type { EventStore } from './event-store.ts';
import { isEverybody, type RowWindow } from './row-window.ts';
import { say } from './words.ts';

export interface NoRowsProps {
  readonly store: EventStore;
  readonly window: RowWindow;
}

/** Stands where a list has nobody: why, and what brings somebody. */
export const NoRows = (props: NoRowsProps): JSX.Element => {
  const { filter } = props.window;
  if (filter.search !== '') {
    return <Empty title={say('nobodyFound', { text: filter.search })}>{say('nobodyFoundWhy')}</Empty>;
  }
  if (!isEverybody(filter)) return <Empty title={say('nobodyInGroup')}>{say('nobodyInGroupWhy')}</Empty>;
  return props.store.source.state.value?.event.status === 'startlist' ? (
    <Empty title={say('notStarted')}>{say('notStartedWhy')}</Empty>
  ) : (
    <Empty title={say('noResults')}>{say('noResultsWhy')}</Empty>
  );
};
