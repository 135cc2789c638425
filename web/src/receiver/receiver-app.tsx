import type { ReadonlySignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Persistence } from '../platform/device-storage.ts';
import type { PageVersions } from '../platform/page-version.ts';
import type { SessionStore } from '../platform/session-store.ts';
import { Loading, Notice } from '../ui/notice.tsx';
import { Pill } from '../ui/pill.tsx';
import { CheckingAccess, SignIn } from '../ui/sign-in.tsx';
import { TopBar } from '../ui/top-bar.tsx';
import { KeptLine, VersionNotice } from '../ui/version-notice.tsx';
import { ProgressCard } from './progress-card.tsx';
import { CONNECTION_WORDS } from './progress-words.ts';
import type { PullStore } from './pull-store.ts';
import { ReadsTable } from './reads-table.tsx';
import { ReplicaLine, ReplicaNotice } from './replica-line.tsx';
import type { ReplicaStore } from './replica-store.ts';
import { SelectionCard } from './selection-card.tsx';
import type { SelectionStore } from './selection-store.ts';
import type { SetupStore } from './setup-store.ts';
import type { StreamsStore } from './streams-store.ts';
import type { TailStore } from './tail-store.ts';

/** A receiver at work. */
export interface ReceiverDesk {
  readonly nodeId: string;
  readonly setup: SetupStore;
  readonly streams: StreamsStore;
  readonly selection: SelectionStore;
  readonly pull: PullStore;
  readonly tail: TailStore;
  readonly replica: ReplicaStore;
  readonly persistence: Persistence;
  /** Takes the session (back) to this page. */
  readonly connect: () => void;
  readonly close: () => void;
  /** Closes, and removes what this device keeps of it. */
  readonly forget: () => Promise<void>;
}

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

const Choosing = (props: { readonly desk: ReceiverDesk }): JSX.Element => {
  const { selection, setup, streams } = props.desk;
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

const Progress = (props: { readonly desk: ReceiverDesk }): JSX.Element => {
  const { pull, setup } = props.desk;
  const status = pull.status.value;
  return status === null ? (
    <div class="card">
      <Loading label="Starting the receiver" />
    </div>
  ) : (
    <ProgressCard status={status} setup={setup.setup.value} lostAt={pull.lostAt.value} />
  );
};

const Reads = (props: { readonly desk: ReceiverDesk }): JSX.Element => {
  const { tail, setup } = props.desk;
  return <ReadsTable reads={tail.reads.value} stored={tail.stored.value} setup={setup.setup.value} />;
};

/** Each part follows its own signals: a burst of reads draws the table again, not the whole page. */
const Desk = (props: { readonly desk: ReceiverDesk }): JSX.Element => {
  const { desk } = props;
  return (
    <div class="stack">
      <h1 class="visually-hidden">Receiver {desk.nodeId}</h1>
      <StoppedNotice desk={desk} />
      <ReplicaNotice store={desk.replica} />
      <div class="desk">
        <div class="stack desk-side">
          <Choosing desk={desk} />
          <Progress desk={desk} />
        </div>
        <Reads desk={desk} />
      </div>
      <ReplicaLine store={desk.replica} persistence={desk.persistence} />
    </div>
  );
};

const Light = (props: { readonly desk: ReceiverDesk }): JSX.Element | null => {
  const status = props.desk.pull.status.value;
  if (status === null) return null;
  const { word, tone } = CONNECTION_WORDS[status.connection];
  return (
    <span role="status" title={status.reason ?? 'Connected to the relay.'}>
      <Pill tone={tone} hollow={status.connection !== 'live'}>
        {word}
      </Pill>
    </span>
  );
};

/** The receiver page: sign in, choose, and see that everything arrives. */
export const ReceiverApp = (props: {
  readonly session: SessionStore;
  readonly desk: ReadonlySignal<ReceiverDesk | null>;
  readonly versions: PageVersions;
}): JSX.Element => {
  const session = props.session.session.value;
  const desk = props.desk.value;
  return (
    <>
      <TopBar page="receive" home="/receive">
        {session.type !== 'signed-in' ? null : (
          <div class="topbar-end">
            {desk === null ? null : <Light desk={desk} />}
            <span class="muted small topbar-who mono">{session.me.nodeId}</span>
            <button type="button" class="button button-small" onClick={props.session.signOut}>
              Sign out
            </button>
          </div>
        )}
      </TopBar>
      <main id="main" class="page" tabIndex={-1}>
        {session.type === 'signed-out' ? (
          <SignIn
            title="Receive reads"
            explanation="Open the receiver’s link that you were given, or paste its token here."
            problem={session.problem}
            onToken={props.session.signIn}
          />
        ) : null}
        {session.type === 'checking' ? <CheckingAccess unreachable={session.unreachable} /> : null}
        {session.type === 'signed-in' && desk === null ? (
          <div class="card">
            <Loading label="Starting the receiver" />
          </div>
        ) : null}
        <VersionNotice versions={props.versions} />
        {session.type === 'signed-in' && desk !== null ? <Desk desk={desk} /> : null}
        {session.type === 'signed-in' ? (
          <KeptLine version={props.versions.version.value} isKept={props.session.isKept.value} />
        ) : null}
      </main>
    </>
  );
};
