import { removeChip } from '@baton/schema/doc';
import type { JSX } from 'preact';
import { Notice } from '../../ui/notice.tsx';
import { plural } from '../../ui/time-text.ts';
import type { RosterStore } from './roster-store.ts';

const SHOWN = 8;

const StrayChips = (props: { readonly store: RosterStore }): JSX.Element | null => {
  const { store } = props;
  const chips = store.strayChips.value;
  if (chips.length === 0) return null;
  const takeOff = (): void =>
    store.edited.edit((doc) => {
      for (const chip of chips) removeChip(doc, chip);
    });
  return (
    <Notice
      tone="warn"
      title={`${plural(chips.length, 'chip')} of nobody`}
      action={
        <button type="button" class="button button-small" onClick={takeOff}>
          Take off
        </button>
      }
    >
      Whoever had them is not in the roster, so their reads count for nobody: {chips.slice(0, SHOWN).join(', ')}
      {chips.length > SHOWN ? ' …' : ''}
    </Notice>
  );
};

/** What is odd about the roster as a whole. */
export const RosterNotices = (props: { readonly store: RosterStore }): JSX.Element => {
  const { store } = props;
  const link = store.edited.followed.link.value;
  const [problem] = store.problems.value;
  return (
    <>
      {link.type === 'refused' ? (
        <Notice tone="bad" title="The relay does not take edits of the roster from this page">
          {link.reason}
        </Notice>
      ) : null}
      {problem === undefined ? null : (
        <Notice tone="warn" title={`${plural(store.problems.value.length, 'entry', 'entries')} cannot be read`}>
          They are left out, not deleted. The first is {problem.root}/{problem.key}: {problem.message}.
        </Notice>
      )}
      <StrayChips store={store} />
    </>
  );
};
