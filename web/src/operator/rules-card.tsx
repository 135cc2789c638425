import { DEFAULT_RULES, type Rules, type RulesPatch, setRules } from '@baton/schema/doc';
import type { JSX } from 'preact';
import { ParsedField, parsedOr } from '../ui/parsed-field.tsx';
import { Segments } from '../ui/segments.tsx';
import {
  defaultText,
  durationExpected,
  durationText,
  isDefault,
  parseDuration,
  RULE_FIELDS,
  type RuleField,
} from './rules-edit.ts';
import type { SetupStore } from './setup-store.ts';
import { EditedPlace } from './together/edited-place.tsx';

const RANK_CHOICES = [
  { value: 'gun', label: 'Gun time' },
  { value: 'chip', label: 'Chip time' },
] as const;

const DurationField = (props: {
  readonly field: RuleField;
  readonly rules: Rules;
  readonly onRules: (patch: RulesPatch) => void;
}): JSX.Element => {
  const { field, rules } = props;
  return (
    <EditedPlace at={['rules', field.rule]}>
      <ParsedField
        id={`rule-${field.rule}`}
        label={`${field.label} (${field.unit})`}
        hint={`${field.meaning} Default: ${defaultText(field)}.`}
        text={durationText(rules[field.rule], field.unit)}
        parse={(text) => parsedOr(parseDuration(text, field), durationExpected(field))}
        onCommit={(ms) => props.onRules({ [field.rule]: ms })}
      />
    </EditedPlace>
  );
};

/** How reads become results, for every race of the event. Each rule is an entry of its own in the document. */
export const RulesCard = (props: { readonly setup: SetupStore }): JSX.Element => {
  const { rules } = props.setup.setup.value;
  const onRules = (patch: RulesPatch): void => props.setup.edit((doc) => setRules(doc, patch));
  return (
    <section class="card" aria-labelledby="rules-title">
      <div class="card-head">
        <h2 id="rules-title">Rules for all races</h2>
        {isDefault(rules) ? (
          <span class="small muted">All as by default</span>
        ) : (
          <button type="button" class="button button-quiet button-small" onClick={() => onRules(DEFAULT_RULES)}>
            Back to the defaults
          </button>
        )}
      </div>
      <div class="card-body rules-grid">
        {RULE_FIELDS.map((field) => (
          <DurationField key={field.rule} field={field} rules={rules} onRules={onRules} />
        ))}
        <div class="field">
          <Segments
            name="rank-by"
            legend="Places go by"
            choices={RANK_CHOICES}
            value={rules.rankBy}
            onChange={(rankBy) => onRules({ rankBy })}
          />
          <span class="field-hint">
            Who lacks that time is ranked by the other. Default: {DEFAULT_RULES.rankBy} time.
          </span>
        </div>
      </div>
    </section>
  );
};
