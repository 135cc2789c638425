import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Notice } from '../ui/notice.tsx';
import { Pill } from '../ui/pill.tsx';
import { type AddressStore, FIRST_PLACE, VIEWS, type View } from './address-store.ts';
import { ChipsView } from './chips/chips-view.tsx';
import type { DeskProps, ReceiverDesk } from './desk.ts';
import { ExportView } from './export/export-view.tsx';
import { OverviewView } from './overview-view.tsx';
import { PlaceLink } from './place-link.tsx';
import { CONNECTION_WORDS, completenessWord } from './progress-words.ts';
import { ReadsView } from './reads/reads-view.tsx';
import { ReplicaLine, ReplicaNotice } from './replica-line.tsx';
import { ResultsView } from './results/results-view.tsx';
import { SqlView } from './sql/sql-view.tsx';

const VIEW_WORDS: Readonly<Record<View, string>> = {
  overview: 'Overview',
  reads: 'Reads',
  results: 'Results',
  chips: 'Chips',
  sql: 'SQL',
  export: 'Export',
};

/** Close code of a session that a newer one of the same node has taken over. */
const FENCED = 4409;

const StoppedNotice = (props: { readonly desk: ReceiverDesk }): JSX.Element | null => {
  const stopped = props.desk.pull.stopped.value;
  if (stopped === null) return null;
  const connect = (
    <button type="button" class="button" onClick={props.desk.connect}>
      {stopped.code === FENCED ? 'Use it here' : 'Try again'}
    </button>
  );
  return stopped.code === FENCED ? (
    <Notice tone="warn" title="This receiver is open elsewhere" action={connect}>
      Another tab or program with the same token has taken over. What is below no longer follows.
    </Notice>
  ) : (
    <Notice tone="bad" title="The relay refuses this receiver" action={connect}>
      {stopped.reason}
    </Notice>
  );
};

/** Whether reads come, and whether all of them are here; in the page's first line, whatever is shown below. */
export const StatusLight = (props: { readonly desk: ReceiverDesk }): JSX.Element | null => {
  const { pull } = props.desk;
  const status = pull.status.value;
  if (status === null) return null;
  const { word, tone } = CONNECTION_WORDS[status.connection];
  const complete = completenessWord(status, pull.lostAt.value);
  return (
    <span class="status-light" role="status" title={status.reason ?? 'Connected to the relay.'}>
      <Pill tone={tone} hollow={status.connection !== 'live'}>
        {word}
      </Pill>
      {complete === null ? null : (
        <Pill tone={complete.tone} hollow={complete.tone === 'warn'}>
          {complete.word}
        </Pill>
      )}
    </span>
  );
};

const Tabs = (props: { readonly address: AddressStore }): JSX.Element => {
  const tabs = useRef<HTMLElement>(null);
  const place = props.address.place.value;
  // on a phone the row of tabs is wider than the page
  useEffect(() => {
    tabs.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [place.view]);
  return (
    <nav ref={tabs} class="tabs" aria-label="Parts of the receiver">
      {VIEWS.map((view) => (
        <PlaceLink
          key={view}
          class="tab"
          address={props.address}
          place={{ ...FIRST_PLACE, view, race: place.race }}
          isCurrent={place.view === view}
        >
          {VIEW_WORDS[view]}
        </PlaceLink>
      ))}
    </nav>
  );
};

const Part = (props: DeskProps): JSX.Element => {
  switch (props.tools.address.place.value.view) {
    case 'overview':
      return <OverviewView {...props} />;
    case 'reads':
      return <ReadsView {...props} />;
    case 'results':
      return <ResultsView {...props} />;
    case 'chips':
      return <ChipsView {...props} />;
    case 'sql':
      return <SqlView {...props} />;
    case 'export':
      return <ExportView {...props} />;
  }
};

/** A receiver's parts as tabs, and the chosen one. Each follows its own signals: a burst of reads does not draw the page. */
export const DeskFrame = (props: DeskProps): JSX.Element => {
  const { desk, tools } = props;
  return (
    <div class="stack">
      <h1 class="visually-hidden">Receiver {desk.nodeId}</h1>
      <Tabs address={tools.address} />
      <StoppedNotice desk={desk} />
      <ReplicaNotice store={desk.replica} />
      <Part {...props} />
      <ReplicaLine store={desk.replica} persistence={desk.persistence} />
    </div>
  );
};
