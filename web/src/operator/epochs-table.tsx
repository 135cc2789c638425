import { ClockOffset, correctClock, mapEpoch, nameEpoch, type Race } from '@baton/schema/doc';
import type { EpochBody, StreamBody } from '@baton/schema/http';
import { pairKey } from '@baton/schema/reads';
import type { JSX } from 'preact';
import { EditableText } from '../ui/editable-text.tsx';
import { ParsedField, parsedOr } from '../ui/parsed-field.tsx';
import { clockText, countText, dayAndClockText, NO_TIME } from '../ui/time-text.ts';
import { CLOCK_EXPECTED, clockOffsetText, parseClockOffset } from './clock-offset.ts';
import { RaceSelect } from './race-select.tsx';
import type { SetupStore } from './setup-store.ts';
import { type EpochView, epochViews } from './stream-view.ts';
import { EditedPlace } from './together/edited-place.tsx';

const span = (epoch: EpochView, timezone: string): string => {
  if (epoch.firstReadAt === null || epoch.lastReadAt === null) return NO_TIME;
  return `${dayAndClockText(epoch.firstReadAt, timezone)} – ${clockText(epoch.lastReadAt, timezone)}`;
};

const EpochLine = (props: {
  readonly stream: StreamBody;
  readonly title: string;
  readonly epoch: EpochView;
  readonly races: readonly Race[];
  readonly timezone: string;
  readonly setup: SetupStore;
}): JSX.Element => {
  const { epoch, setup, title } = props;
  const { streamId } = props.stream;
  const pair = { streamId, epoch: epoch.epoch };
  const key = pairKey(streamId, epoch.epoch);
  return (
    <tr>
      <td class="nowrap epoch-number">
        <strong>{epoch.epoch}</strong>
        {epoch.isCurrent ? <span class="small muted epoch-note">current</span> : null}
        {epoch.sealed ? <span class="small muted epoch-note">sealed</span> : null}
      </td>
      <td class="compact epoch-name">
        <EditedPlace at={['epochNames', key]}>
          <EditableText
            id={`name-of-${streamId}-${epoch.epoch}`}
            label={`Name of epoch ${epoch.epoch} of ${title}`}
            hideLabel
            value={epoch.name ?? ''}
            placeholder="Name"
            onCommit={(name) => setup.edit((doc) => nameEpoch(doc, pair, name === '' ? null : name))}
          />
        </EditedPlace>
      </td>
      <td class="number epoch-reads">{countText(epoch.readCount)}</td>
      <td class="muted nowrap epoch-span">{span(epoch, props.timezone)}</td>
      <td class="compact epoch-clock">
        <EditedPlace at={['epochOffsets', key]}>
          <ParsedField
            id={`clock-of-${streamId}-${epoch.epoch}`}
            label={`Clock correction of epoch ${epoch.epoch} of ${title}`}
            hideLabel
            text={clockOffsetText(epoch.offsetMs)}
            placeholder="+0:00:00"
            maxLength={60}
            parse={(text) => parsedOr(ClockOffset.safeParse(parseClockOffset(text)).data, CLOCK_EXPECTED)}
            onCommit={(offsetMs) => setup.edit((doc) => correctClock(doc, pair, offsetMs))}
          />
        </EditedPlace>
      </td>
      <td class="compact epoch-race">
        <EditedPlace at={['epochRaces', key]}>
          <RaceSelect
            id={`race-of-${streamId}-${epoch.epoch}`}
            label={`Race of epoch ${epoch.epoch} of ${title}`}
            races={props.races}
            value={epoch.raceId}
            onChange={(raceId) => setup.edit((doc) => mapEpoch(doc, pair, raceId))}
          />
        </EditedPlace>
      </td>
    </tr>
  );
};

/** Every epoch of a stream, newest first: its name, its reads, and the race that counts them. */
export const EpochsTable = (props: {
  readonly stream: StreamBody;
  readonly title: string;
  readonly epochs: readonly EpochBody[];
  readonly races: readonly Race[];
  readonly timezone: string;
  readonly setup: SetupStore;
}): JSX.Element => (
  <div class="table-wrap epochs">
    <table aria-label={`Epochs of ${props.title}`}>
      <thead>
        <tr>
          <th scope="col">Epoch</th>
          <th scope="col">Name</th>
          <th scope="col" class="number">
            Reads
          </th>
          <th scope="col" class="epoch-span">
            Received
          </th>
          <th scope="col">Clock</th>
          <th scope="col">Race</th>
        </tr>
      </thead>
      <tbody>
        {epochViews(props.stream, props.epochs, props.setup.setup.value).map((epoch) => (
          <EpochLine key={epoch.epoch} {...props} epoch={epoch} />
        ))}
      </tbody>
    </table>
  </div>
);
