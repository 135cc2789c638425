import type { JSX } from 'preact';
import { Loading } from '../ui/notice.tsx';
import type { DeskProps, ReceiverDesk } from './desk.ts';
import { NewestReads } from './newest-reads.tsx';
import { ProgressCard } from './progress-card.tsx';
import { SelectionCard } from './selection-card.tsx';
import { StorageCard } from './storage-card.tsx';
import { StreamsCard } from './streams-card.tsx';

const Choosing = ({ desk }: { readonly desk: ReceiverDesk }): JSX.Element => {
  const { selection, setup, streams } = desk;
  return (
    <SelectionCard
      draft={selection.draft.value}
      setup={setup.setup.value}
      setupLoaded={setup.loaded.value}
      streams={streams.streams.value.value ?? []}
      onChoose={selection.choose}
    />
  );
};

const Progress = ({ desk }: { readonly desk: ReceiverDesk }): JSX.Element => {
  const status = desk.pull.status.value;
  return status === null ? (
    <div class="card">
      <Loading label="Starting the receiver" />
    </div>
  ) : (
    <ProgressCard desk={desk} status={status} />
  );
};

/** What is chosen, how far it is here, and the device it is on. */
export const OverviewView = (props: DeskProps): JSX.Element => (
  <div class="desk">
    <div class="stack">
      <Choosing desk={props.desk} />
      <Progress desk={props.desk} />
      <StorageCard desk={props.desk} />
    </div>
    <div class="stack">
      <StreamsCard {...props} />
      <NewestReads {...props} />
    </div>
  </div>
);
