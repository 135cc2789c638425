import { labelStream, mapEpoch, placeStream, type Race } from '@baton/schema/doc';
import type { EpochBody, StreamBody } from '@baton/schema/http';
import type { RaceId } from '@baton/schema/ids';
import type { JSX } from 'preact';
import { EditableText } from '../ui/editable-text.tsx';
import { Field } from '../ui/field.tsx';
import { Pill } from '../ui/pill.tsx';
import { agoText, clockText, countText, dayAndClockText, NO_TIME } from '../ui/time-text.ts';
import type { SetupStore } from './setup-store.ts';
import { type EpochView, epochViews, HEALTH_WORDS, type PointChoice, streamHealth } from './stream-view.ts';

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

const span = (epoch: EpochView, timezone: string): string => {
  if (epoch.firstReadAt === null || epoch.lastReadAt === null) return NO_TIME;
  return `${dayAndClockText(epoch.firstReadAt, timezone)} – ${clockText(epoch.lastReadAt, timezone)}`;
};

const EpochLine = (props: {
  readonly stream: StreamBody;
  readonly epoch: EpochView;
  readonly races: readonly Race[];
  readonly timezone: string;
  readonly onRace: (raceId: RaceId | null) => void;
}): JSX.Element => {
  const { stream, epoch, races } = props;
  const id = `race-of-${stream.streamId}-${epoch.epoch}`;
  return (
    <tr>
      <td class="nowrap epoch-number">
        <strong>{epoch.epoch}</strong> {epoch.name}
        {epoch.isCurrent ? <span class="small muted epoch-note">current</span> : null}
        {epoch.sealed ? <span class="small muted epoch-note">sealed</span> : null}
      </td>
      <td class="number epoch-reads">{countText(epoch.readCount)}</td>
      <td class="muted nowrap epoch-span">{span(epoch, props.timezone)}</td>
      <td class="compact epoch-race">
        <label class="visually-hidden" for={id}>
          Race of epoch {epoch.epoch} of {stream.label ?? stream.streamId}
        </label>
        <select
          id={id}
          value={epoch.raceId ?? ''}
          onChange={(event) => {
            const wanted = event.currentTarget.value;
            props.onRace(races.find((it) => it.raceId === wanted)?.raceId ?? null);
          }}
        >
          <option value="">No race</option>
          {races.map((race) => (
            <option key={race.raceId} value={race.raceId}>
              {race.name}
            </option>
          ))}
        </select>
      </td>
    </tr>
  );
};

/** One stream: how it does, where it stands, and which race each of its epochs belongs to. */
export const StreamCard = (props: {
  readonly stream: StreamBody;
  readonly epochs: readonly EpochBody[];
  readonly setup: SetupStore;
  readonly points: readonly PointChoice[];
  readonly timezone: string;
  readonly now: number;
  readonly onNextEpoch: () => void;
}): JSX.Element => {
  const { stream, setup, points } = props;
  const { streamId } = stream;
  const current = setup.setup.value;
  const races = [...current.races.values()];
  const label = current.streamLabels.get(streamId) ?? '';
  const health = HEALTH_WORDS[streamHealth(stream)];
  return (
    <section class="card" aria-label={label === '' ? streamId : label}>
      <div class="card-head">
        <div>
          <h3>{label === '' ? stream.reader : label}</h3>
          <div class="small muted mono">{streamId}</div>
        </div>
        <div class="row">
          <Pill tone={health.tone}>{health.word}</Pill>
          <button type="button" class="button button-small" onClick={props.onNextEpoch}>
            Start next epoch…
          </button>
        </div>
      </div>
      <div class="card-body stack">
        <Counts stream={stream} now={props.now} />
        <div class="form-grid compact">
          <EditableText
            id={`label-${streamId}`}
            label="Label"
            value={label}
            placeholder={stream.reader}
            onCommit={(text) => setup.edit((doc) => labelStream(doc, streamId, text === '' ? null : text))}
          />
          <Field id={`point-${streamId}`} label="Timing point">
            <select
              id={`point-${streamId}`}
              value={current.streamPoints.get(streamId) ?? ''}
              onChange={(event) => {
                const wanted = event.currentTarget.value;
                const point = points.find((it) => it.pointId === wanted)?.pointId ?? null;
                setup.edit((doc) => placeStream(doc, streamId, point));
              }}
            >
              <option value="">None</option>
              {points.map((it) => (
                <option key={it.pointId} value={it.pointId}>
                  {it.label}
                </option>
              ))}
            </select>
          </Field>
        </div>
      </div>
      <div class="table-wrap epochs">
        <table>
          <thead>
            <tr>
              <th scope="col">Epoch</th>
              <th scope="col" class="number">
                Reads
              </th>
              <th scope="col" class="epoch-span">
                Received
              </th>
              <th scope="col">Race</th>
            </tr>
          </thead>
          <tbody>
            {epochViews(stream, props.epochs, current).map((epoch) => (
              <EpochLine
                key={epoch.epoch}
                stream={stream}
                epoch={epoch}
                races={races}
                timezone={props.timezone}
                onRace={(raceId) => setup.edit((doc) => mapEpoch(doc, { streamId, epoch: epoch.epoch }, raceId))}
              />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
};
