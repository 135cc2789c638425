import type { StreamBody } from '@baton/schema/http';
import type { RaceId } from '@baton/schema/ids';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Announcer } from '../platform/announcer-store.ts';
import { Empty, Loading } from '../ui/notice.tsx';
import { ProblemNotice } from '../ui/problem-notice.tsx';
import type { Commands } from './commands.ts';
import { ForgetStream } from './forget-stream.tsx';
import { NextEpochDialog } from './next-epoch-dialog.tsx';
import { racesInOrder } from './race-list.ts';
import { commandBlock } from './relay-reach.ts';
import { StreamCard } from './stream-card.tsx';
import { pointChoices, streamTitle } from './stream-view.ts';
import { StreamsTable } from './streams-table.tsx';
import type { Workspace } from './workspace-store.ts';

/** Every stream of the event, live. */
export const StreamsView = (props: {
  readonly workspace: Workspace;
  readonly commands: Commands;
  readonly announcer: Announcer;
  readonly timezone: string;
  readonly now: number;
  readonly onAccess: () => void;
}): JSX.Element => {
  const { workspace, commands, announcer } = props;
  const asked = useSignal<StreamBody | null>(null);
  const doomed = useSignal<StreamBody | null>(null);
  const busy = useSignal(false);
  const setup = workspace.setup.setup.value;
  const { value, problem } = workspace.streams.streams.value;
  const blocked = commandBlock(workspace.streams.streams.value);
  const races = racesInOrder(setup.races.values(), props.timezone);
  const points = pointChoices(races);
  const titleOf = (stream: StreamBody): string => streamTitle(stream, setup);

  const startNext = async (stream: StreamBody, raceId: RaceId | null): Promise<void> => {
    busy.value = true;
    const outcome =
      raceId === null
        ? await commands.resetEpoch(stream.streamId)
        : await commands.activateNext(raceId, stream.streamId);
    busy.value = false;
    asked.value = null;
    workspace.streams.refresh();
    if (outcome.type === 'done') announcer.say(`${titleOf(stream)} is now in epoch ${outcome.value.epoch}.`);
    else announcer.fail(`No new epoch for ${titleOf(stream)}: ${outcome.message}`);
  };

  return (
    <div class="stack">
      <ProblemNotice what="Streams" live={workspace.streams.streams.value} />
      {value === null && problem === null ? (
        <div class="card">
          <Loading label="Loading the streams" lines={6} />
        </div>
      ) : null}
      {value?.length === 0 ? (
        <div class="card">
          <Empty
            title="No streams yet"
            action={
              <button type="button" class="button button-primary" onClick={props.onAccess}>
                Make a forwarder’s token
              </button>
            }
          >
            A stream appears by itself as soon as a forwarder with a token of this event has connected with its readers.
          </Empty>
        </div>
      ) : null}
      {value === null || value.length === 0 ? null : (
        <StreamsTable streams={value} races={races} points={points} setup={workspace.setup} announcer={announcer} />
      )}
      {(value ?? []).map((stream) => (
        <StreamCard
          key={stream.streamId}
          stream={stream}
          epochs={workspace.streams.epochs.value.get(stream.streamId) ?? []}
          setup={workspace.setup}
          races={races}
          points={points}
          blocked={blocked}
          timezone={props.timezone}
          now={props.now}
          onNextEpoch={() => {
            asked.value = stream;
          }}
          onForget={() => {
            doomed.value = stream;
          }}
        />
      ))}
      {asked.value === null ? null : (
        <NextEpochDialog
          stream={asked.value}
          title={titleOf(asked.value)}
          races={races}
          busy={busy.value}
          onConfirm={(raceId) => asked.value !== null && void startNext(asked.value, raceId)}
          onCancel={() => {
            asked.value = null;
          }}
        />
      )}
      {doomed.value === null ? null : (
        <ForgetStream
          stream={doomed.value}
          title={titleOf(doomed.value)}
          commands={commands}
          announcer={announcer}
          blocked={blocked}
          onEnd={() => {
            doomed.value = null;
            workspace.streams.refresh();
          }}
        />
      )}
    </div>
  );
};
