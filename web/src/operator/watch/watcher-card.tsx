import { setWatch, type WatchPatch, type WatchSettings } from '@baton/schema/doc';
import type { JSX } from 'preact';
import { ParsedField, parsedOr } from '../../ui/parsed-field.tsx';
import type { SetupStore } from '../setup-store.ts';
import { EditedPlace } from '../together/edited-place.tsx';
import {
  missingFor,
  type NumberField,
  numberExpected,
  numberHint,
  numberText,
  parseAddress,
  parseNumber,
  type Watcher,
} from './watch-edit.ts';

interface FieldProps {
  readonly settings: WatchSettings;
  readonly onChange: (patch: WatchPatch) => void;
}

const Numbered = (props: FieldProps & { readonly field: NumberField }): JSX.Element => {
  const { field, settings, onChange } = props;
  return (
    <EditedPlace at={['watch', field.setting]}>
      <ParsedField
        id={`watch-${field.setting}`}
        label={`${field.label} (${field.unit})`}
        hint={numberHint(field)}
        text={numberText(settings[field.setting], field)}
        inputMode="decimal"
        parse={(text) => parsedOr(parseNumber(text, field), numberExpected(field))}
        onCommit={(value) => onChange({ [field.setting]: value })}
      />
    </EditedPlace>
  );
};

const Address = ({ settings, onChange }: FieldProps): JSX.Element => (
  <EditedPlace at={['watch', 'finishWebhookUrl']}>
    <ParsedField
      id="watch-finishWebhookUrl"
      label="Address"
      hint="Called with POST and JSON: bib, name, race and time. Whoever may read the set-up sees it."
      text={settings.finishWebhookUrl}
      placeholder="https://"
      inputMode="url"
      maxLength={2000}
      parse={(text) => parsedOr(parseAddress(text), 'expected an address with http:// or https://, without a password')}
      onCommit={(finishWebhookUrl) => onChange({ finishWebhookUrl })}
    />
  </EditedPlace>
);

/** One thing that can be watched: its switch, and what it goes by. */
export const WatcherCard = (props: { readonly watcher: Watcher; readonly setup: SetupStore }): JSX.Element => {
  const { watcher, setup } = props;
  const settings = setup.setup.value.watch;
  const onChange = (patch: WatchPatch): void => setup.edit((doc) => setWatch(doc, patch));
  const missing = missingFor(watcher, settings);
  const title = `watcher-${watcher.id}`;
  return (
    <section class="card" aria-labelledby={title}>
      <div class="card-head">
        <h2 id={title}>{watcher.title}</h2>
        <EditedPlace at={['watch', watcher.on]}>
          <label class="watch-switch">
            <input
              type="checkbox"
              aria-label={watcher.title}
              aria-describedby={`${title}-meaning`}
              checked={settings[watcher.on]}
              onChange={(change) => onChange({ [watcher.on]: change.currentTarget.checked })}
            />
            <span aria-hidden="true">{settings[watcher.on] ? 'On' : 'Off'}</span>
          </label>
        </EditedPlace>
      </div>
      <div class="card-body stack">
        <p id={`${title}-meaning`} class="muted">
          {watcher.meaning}
        </p>
        {watcher.fields.length === 0 ? (
          <Address settings={settings} onChange={onChange} />
        ) : (
          <div class="watch-fields">
            {watcher.fields.map((field) => (
              <Numbered key={field.setting} field={field} settings={settings} onChange={onChange} />
            ))}
          </div>
        )}
        {missing === null ? null : (
          <p class="field-error" role="status">
            {missing}
          </p>
        )}
      </div>
    </section>
  );
};
