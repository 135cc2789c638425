import { mapEpoch, placeStream, type Race, setForwarderRace } from '@baton/schema/doc';
import type { StreamBody } from '@baton/schema/http';
import { pairKey } from '@baton/schema/reads';
import type { JSX } from 'preact';
import type { Announcer } from '../platform/announcer-store.ts';
import { AssignAll } from './assign-all.tsx';
import { PointSelect } from './point-select.tsx';
import { RaceSelect } from './race-select.tsx';
import type { SetupStore } from './setup-store.ts';
import { type ForwarderRows, type OverviewRow, overview } from './stream-overview.ts';
import type { PointChoice } from './stream-view.ts';

interface TableProps {
  readonly streams: readonly StreamBody[];
  readonly races: readonly Race[];
  readonly points: readonly PointChoice[];
  readonly setup: SetupStore;
}

const StreamRow = (props: TableProps & { readonly row: OverviewRow }): JSX.Element => {
  const { row, setup } = props;
  const { streamId, epoch } = row.stream;
  const epochName = setup.setup.value.epochNames.get(pairKey(streamId, epoch));
  return (
    <tr>
      <th scope="row">{row.title}</th>
      <td data-label="Timing point">
        <label class="visually-hidden" for={`overview-point-${streamId}`}>
          Point at which {row.title} stands
        </label>
        <PointSelect
          id={`overview-point-${streamId}`}
          points={props.points}
          value={row.pointId}
          onChange={(pointId) => setup.edit((doc) => placeStream(doc, streamId, pointId))}
        />
      </td>
      <td data-label="Epoch" class="nowrap">
        {epoch} {epochName}
      </td>
      <td data-label="Race">
        <RaceSelect
          id={`overview-race-${streamId}`}
          label={`Current race of ${row.title}`}
          races={props.races}
          value={row.raceId}
          onChange={(raceId) => setup.edit((doc) => mapEpoch(doc, { streamId, epoch }, raceId))}
        />
      </td>
      <td class="overview-notes small">
        {row.notes.map((note) => (
          <div key={note}>{note}</div>
        ))}
      </td>
    </tr>
  );
};

const ForwarderBody = (props: TableProps & { readonly group: ForwarderRows }): JSX.Element => {
  const { group, setup } = props;
  const { forwarderId } = group;
  return (
    <tbody>
      <tr class="overview-forwarder">
        <th scope="rowgroup" colSpan={5}>
          <div class="row">
            <span>
              Forwarder <span class="mono">{forwarderId}</span> stands at
            </span>
            <span class="overview-hint">
              <RaceSelect
                id={`hint-${forwarderId}`}
                label={`Race that forwarder ${forwarderId} stands at`}
                races={props.races}
                value={group.raceId}
                onChange={(raceId) => setup.edit((doc) => setForwarderRace(doc, forwarderId, raceId))}
              />
            </span>
          </div>
        </th>
      </tr>
      {group.rows.map((row) => (
        <StreamRow key={row.stream.streamId} {...props} row={row} />
      ))}
    </tbody>
  );
};

/** All streams at a glance: where each stands, which race counts its current epoch, and what does not fit. */
export const StreamsTable = (props: TableProps & { readonly announcer: Announcer }): JSX.Element => (
  <section class="card" aria-labelledby="overview-title">
    <div class="card-head">
      <h2 id="overview-title">Overview</h2>
      <AssignAll {...props} />
    </div>
    <table class="overview compact">
      <thead>
        <tr>
          <th scope="col">Stream</th>
          <th scope="col">Timing point</th>
          <th scope="col">Epoch</th>
          <th scope="col">Race</th>
          <th scope="col">Notes</th>
        </tr>
      </thead>
      {overview(props.streams, props.setup.setup.value).map((group) => (
        <ForwarderBody key={group.forwarderId} {...props} group={group} />
      ))}
    </table>
  </section>
);
