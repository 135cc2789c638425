import { labelStream, placeStream, type Race } from '@baton/schema/doc';
import type { EpochBody, StreamBody } from '@baton/schema/http';
import type { JSX } from 'preact';
import { CommandButton } from '../ui/command-button.tsx';
import { EditableText } from '../ui/editable-text.tsx';
import { Field } from '../ui/field.tsx';
import { Pill } from '../ui/pill.tsx';
import { agoText, countText } from '../ui/time-text.ts';
import { EpochsTable } from './epochs-table.tsx';
import { PointSelect } from './point-select.tsx';
import type { SetupStore } from './setup-store.ts';
import { forgetBlock, HEALTH_WORDS, type PointChoice, streamHealth } from './stream-view.ts';
import { EditedPlace } from './together/edited-place.tsx';

const Fact = (props: { readonly name: string; readonly value: string; readonly alarm?: boolean }): JSX.Element => (
  <div>
    <dt>{props.name}</dt>
    <dd class={props.alarm === true ? 'fact-large alarm' : 'fact-large'}>{props.value}</dd>
  </div>
);

const Counts = (props: { readonly stream: StreamBody; readonly now: number }): JSX.Element => {
  const { stream, now } = props;
  const { conflicts, duplicates, unparsable } = stream.counters;
  return (
    <dl class="facts stream-facts">
      <Fact name="Epoch" value={String(stream.epoch)} />
      <Fact name="Reads in it" value={countText(stream.head)} />
      <Fact name="Last read" value={agoText(stream.lastReadAt, now)} />
      <Fact name="Unparsable" value={countText(unparsable)} alarm={unparsable > 0} />
      {duplicates > 0 ? <Fact name="Sent again" value={countText(duplicates)} /> : null}
      {conflicts > 0 ? <Fact name="Conflicts" value={countText(conflicts)} alarm /> : null}
    </dl>
  );
};

const StreamHead = (props: {
  readonly stream: StreamBody;
  readonly label: string;
  readonly blocked: string | null;
  readonly onNextEpoch: () => void;
  readonly onForget: () => void;
}): JSX.Element => {
  const { stream, label, blocked } = props;
  const health = HEALTH_WORDS[streamHealth(stream)];
  return (
    <div class="card-head">
      <div>
        <h2>{label === '' ? stream.reader : label}</h2>
        <div class="small muted mono">{stream.streamId}</div>
      </div>
      <div class="row">
        <Pill tone={health.tone}>{health.word}</Pill>
        <CommandButton class="button button-small" blocked={blocked} onClick={props.onNextEpoch}>
          Start next epoch…
        </CommandButton>
        <CommandButton
          class="button button-quiet button-small"
          label={`Forget the set-up of ${label === '' ? stream.streamId : label}…`}
          blocked={blocked ?? forgetBlock(stream)}
          onClick={props.onForget}
        >
          Forget…
        </CommandButton>
      </div>
    </div>
  );
};

/** One stream: how it does, where it stands, and which race each of its epochs belongs to. */
export const StreamCard = (props: {
  readonly stream: StreamBody;
  readonly epochs: readonly EpochBody[];
  readonly setup: SetupStore;
  readonly races: readonly Race[];
  readonly points: readonly PointChoice[];
  readonly timezone: string;
  readonly now: number;
  /** Why the relay cannot be asked for anything now. */
  readonly blocked: string | null;
  readonly onNextEpoch: () => void;
  readonly onForget: () => void;
}): JSX.Element => {
  const { stream, setup } = props;
  const { streamId } = stream;
  const current = setup.setup.value;
  const label = current.streamLabels.get(streamId) ?? '';
  const title = label === '' ? streamId : label;
  return (
    <section class="card" aria-label={title}>
      <StreamHead {...props} label={label} />
      <div class="card-body stack">
        <Counts stream={stream} now={props.now} />
        <div class="form-grid compact">
          <EditedPlace at={['streamLabels', streamId]}>
            <EditableText
              id={`label-${streamId}`}
              label="Label"
              value={label}
              placeholder={stream.reader}
              onCommit={(text) => setup.edit((doc) => labelStream(doc, streamId, text === '' ? null : text))}
            />
          </EditedPlace>
          <EditedPlace at={['streamPoints', streamId]}>
            <Field id={`point-${streamId}`} label="Timing point">
              <PointSelect
                id={`point-${streamId}`}
                points={props.points}
                value={current.streamPoints.get(streamId) ?? null}
                onChange={(pointId) => setup.edit((doc) => placeStream(doc, streamId, pointId))}
              />
            </Field>
          </EditedPlace>
        </div>
      </div>
      <EpochsTable {...props} title={title} />
    </section>
  );
};
