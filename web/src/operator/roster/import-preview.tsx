import { type Participant, participantName, type Roster } from '@baton/schema/doc';
import type { ImportedField, ImportPlan, LineProblems } from '@baton/schema/roster';
import type { JSX } from 'preact';
import { Notice } from '../../ui/notice.tsx';
import { countText, plural } from '../../ui/time-text.ts';
import { fieldText } from './participant-draft.ts';

const SAMPLES = 5;

/** Everything that is wrong with a list, by line; while there is anything, nothing is imported. */
export const ImportProblems = (props: { readonly found: LineProblems }): JSX.Element => {
  const { problems, more } = props.found;
  return (
    <div class="stack-tight">
      <Notice tone="bad" title={`Nothing can be imported: ${plural(problems.length + more, 'problem')}`}>
        Correct the list, or how it is read, and try again. The roster is as it was.
      </Notice>
      <ol class="plain line-list" aria-label="Problems">
        {problems.map((it, at) => (
          <li key={`${at}-${it.line}`}>
            <span class="line-number">{it.line === null ? 'The list' : `Line ${it.line}`}</span> {it.message}
          </li>
        ))}
        {more > 0 ? <li class="muted">… and {countText(more)} more.</li> : null}
      </ol>
    </div>
  );
};

const who = (it: Participant): string => `${it.bib} ${participantName(it)}`.trim();

const FIELD_WORDS: Readonly<Record<ImportedField, string>> = {
  firstName: 'first name',
  lastName: 'last name',
  club: 'club',
  sex: 'sex',
  birthYear: 'year of birth',
  category: 'category',
};

const changeText = (before: Participant, after: Participant, field: ImportedField): string =>
  `${FIELD_WORDS[field]} ${fieldText(before[field]) || 'empty'} → ${fieldText(after[field]) || 'empty'}`;

interface Part {
  readonly title: string;
  readonly count: number;
  readonly samples: readonly string[];
}

/** What a plan does, in the order in which people should look at it. */
export const previewParts = ({ added, changed, removed, chips }: ImportPlan, roster: Roster): readonly Part[] => {
  const bibOf = (id: Participant['participantId']): string => roster.participants.get(id)?.bib ?? '?';
  const part = <T,>(title: string, items: readonly T[], text: (item: T) => string): Part => ({
    title,
    count: items.length,
    samples: items.slice(0, SAMPLES).map(text),
  });
  return [
    part('Removed', removed, who),
    part('Chips moved', chips.moved, (it) => `${it.chip} from bib ${bibOf(it.from)} to bib ${it.bib}`),
    part('Chips taken off', chips.removed, (it) => `${it.chip} of bib ${bibOf(it.participantId)}`),
    part('Changed', changed, (it) => {
      const changes = it.fields.map((field) => changeText(it.before, it.participant, field));
      return `${who(it.participant)}: ${changes.join(', ')}`;
    }),
    part('Added', added, (it) => who(it.participant)),
    part('Chips given', chips.given, (it) => `${it.chip} to bib ${it.bib}`),
  ].filter((it) => it.count > 0);
};

const PartOfPlan = (props: { readonly part: Part }): JSX.Element => {
  const { title, count, samples } = props.part;
  const more = count - samples.length;
  return (
    <section class="stack-tight">
      <h3>
        {title}: {countText(count)}
      </h3>
      <ul class="plain line-list">
        {samples.map((text, at) => (
          <li key={`${at}-${text}`}>{text}</li>
        ))}
        {more > 0 ? <li class="muted">… and {countText(more)} more.</li> : null}
      </ul>
    </section>
  );
};

const Warnings = (props: { readonly plan: ImportPlan }): JSX.Element | null => {
  const { warnings, moreWarnings } = props.plan;
  if (warnings.length === 0) return null;
  const more = warnings.length + moreWarnings - SAMPLES;
  return (
    <div class="stack-tight">
      <Notice tone="warn" title={`To look at first: ${plural(warnings.length + moreWarnings, 'thing')}`} />
      <ol class="plain line-list" aria-label="To look at">
        {warnings.slice(0, SAMPLES).map((it, at) => (
          <li key={`${at}-${it.line}`}>
            <span class="line-number">{it.line === null ? 'The list' : `Line ${it.line}`}</span> {it.message}
          </li>
        ))}
        {more > 0 ? <li class="muted">… and {countText(more)} more.</li> : null}
      </ol>
    </div>
  );
};

/** What an import would do, before it does it. */
export const ImportPreview = (props: {
  readonly plan: ImportPlan;
  readonly roster: Roster;
  readonly isNewPreview: boolean;
}): JSX.Element => {
  const { plan, roster } = props;
  const parts = previewParts(plan, roster);
  const unchanged = plan.unchanged + plan.chips.unchanged;
  return (
    <div class="stack">
      {props.isNewPreview ? (
        <Notice tone="warn" title="The roster was changed meanwhile">
          This is what the import would do now. Look at it, then import.
        </Notice>
      ) : null}
      <p role="status">
        {plural(plan.imported, 'row')} read.{' '}
        {parts.length === 0 ? 'The roster has all of it already: nothing would change.' : ''}
        {parts.length > 0 && unchanged > 0 ? `${countText(unchanged)} as they are already.` : ''}
      </p>
      <Warnings plan={plan} />
      <div class="preview-parts">
        {parts.map((part) => (
          <PartOfPlan key={part.title} part={part} />
        ))}
      </div>
    </div>
  );
};
