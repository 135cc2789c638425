import type { Race, Setup } from '@baton/schema/doc';
import type { StreamBody } from '@baton/schema/http';
import type { JSX } from 'preact';
import { Field } from '../ui/field.tsx';
import { Segments } from '../ui/segments.tsx';
import { type SelectionDraft, toggleStream } from './selection-draft.ts';

const MODES = [
  { value: 'race', label: 'A race' },
  { value: 'manual', label: 'Single streams' },
] as const;

const SCOPES = [
  { value: 'all', label: 'All epochs' },
  { value: 'current', label: 'Current only' },
] as const;

const RaceChoice = (props: {
  readonly draft: SelectionDraft;
  readonly races: readonly Race[];
  readonly loaded: boolean;
  readonly onChoose: (draft: SelectionDraft) => void;
}): JSX.Element => {
  const { draft, races, onChoose } = props;
  const known = races.some((it) => it.raceId === draft.raceId);
  if (props.loaded && races.length === 0 && draft.raceId === null) {
    return <p class="muted">The event has no races yet. They appear here as soon as an operator adds one.</p>;
  }
  return (
    <div class="selection-race">
      <Field id="race" label="Race">
        <select
          id="race"
          value={draft.raceId ?? ''}
          onChange={(event) => {
            const wanted = event.currentTarget.value;
            const raceId = races.find((it) => it.raceId === wanted)?.raceId ?? null;
            onChoose({ ...draft, raceId });
          }}
        >
          <option value="" disabled selected={draft.raceId === null}>
            {props.loaded ? 'Choose a race' : 'Loading the races…'}
          </option>
          {known || draft.raceId === null ? null : (
            <option value={draft.raceId}>{props.loaded ? 'A race that was deleted' : 'The race chosen before'}</option>
          )}
          {races.map((race) => (
            <option key={race.raceId} value={race.raceId}>
              {race.name}
            </option>
          ))}
        </select>
      </Field>
      <Segments
        name="scope"
        legend="Which reads"
        choices={SCOPES}
        value={draft.epochScope}
        onChange={(epochScope) => onChoose({ ...draft, epochScope })}
      />
    </div>
  );
};

const StreamChoice = (props: {
  readonly draft: SelectionDraft;
  readonly streams: readonly StreamBody[];
  readonly setup: Setup;
  readonly onChoose: (draft: SelectionDraft) => void;
}): JSX.Element => {
  const { draft, streams, setup, onChoose } = props;
  const known = new Set(streams.map((it) => it.streamId));
  const all = [...known, ...[...draft.streams].filter((it) => !known.has(it))];
  if (all.length === 0) {
    return <p class="muted">No stream has been seen in this event. One appears once a forwarder has connected.</p>;
  }
  return (
    <fieldset>
      <legend>Streams, with all their epochs</legend>
      <ul class="plain stream-choices">
        {all.map((streamId) => (
          <li key={streamId}>
            <label class="stream-choice">
              <input
                type="checkbox"
                checked={draft.streams.has(streamId)}
                onChange={() => onChoose(toggleStream(draft, streamId))}
              />
              <span>
                {setup.streamLabels.get(streamId) ?? streamId}
                {setup.streamLabels.has(streamId) ? <span class="small muted mono"> {streamId}</span> : null}
              </span>
            </label>
          </li>
        ))}
      </ul>
    </fieldset>
  );
};

/** What this receiver is to get: takes effect as it is chosen. */
export const SelectionCard = (props: {
  readonly draft: SelectionDraft;
  readonly setup: Setup;
  readonly setupLoaded: boolean;
  readonly streams: readonly StreamBody[];
  readonly onChoose: (draft: SelectionDraft) => void;
}): JSX.Element => {
  const { draft, setup, onChoose } = props;
  return (
    <section class="card" aria-labelledby="selection-title">
      <div class="card-head">
        <h2 id="selection-title">Receive</h2>
        <Segments
          name="mode"
          legend="What to receive"
          hideLegend
          choices={MODES}
          value={draft.mode}
          onChange={(mode) => onChoose({ ...draft, mode })}
        />
      </div>
      <div class="card-body">
        {draft.mode === 'race' ? (
          <RaceChoice draft={draft} races={[...setup.races.values()]} loaded={props.setupLoaded} onChoose={onChoose} />
        ) : (
          <StreamChoice draft={draft} streams={props.streams} setup={setup} onChoose={onChoose} />
        )}
      </div>
    </section>
  );
};
