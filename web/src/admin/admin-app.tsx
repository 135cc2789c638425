import type { JSX } from 'preact';
import type { Announcer } from '../platform/announcer-store.ts';
import type { Session, SessionStore } from '../platform/session-store.ts';
import { AnnouncementBar } from '../ui/announcement-bar.tsx';
import { Loading } from '../ui/notice.tsx';
import { ProblemNotice } from '../ui/problem-notice.tsx';
import { CheckingAccess, SignIn } from '../ui/sign-in.tsx';
import { TopBar } from '../ui/top-bar.tsx';
import { ConnectionsCard } from './connections-card.tsx';
import { EventsCard } from './events-card.tsx';
import { HealthCard } from './health-card.tsx';
import { LinkCard } from './link-card.tsx';
import type { RelayStore } from './relay-store.ts';
import { StorageCard } from './storage-card.tsx';
import { TokensCard } from './tokens-card.tsx';
import type { AllTokens } from './tokens-store.ts';

/** What the page follows once somebody is signed in. */
export interface AdminParts {
  readonly relay: RelayStore;
  readonly tokens: AllTokens;
  readonly announcer: Announcer;
}

const RelayView = (props: {
  readonly parts: AdminParts;
  readonly me: Extract<Session, { readonly type: 'signed-in' }>['me'];
}): JSX.Element => {
  const { relay: store, tokens, announcer } = props.parts;
  const live = store.relay.value;
  const { value, problem } = live;
  return (
    <div class="stack">
      <h1>Relay</h1>
      <ProblemNotice what="The relay’s state" live={live} />
      {value === null && problem === null ? (
        <div class="card">
          <Loading label="Loading the relay’s state" lines={6} />
        </div>
      ) : null}
      {value === null ? null : (
        <>
          <div class="admin-cards">
            <HealthCard relay={value} readsPerSecond={store.readsPerSecond.value} isCurrent={problem === null} />
            <StorageCard storage={value.storage} now={value.now} />
          </div>
          {value.link === null ? null : (
            <LinkCard link={value.link} titles={value.events} now={value.now} isCurrent={problem === null} />
          )}
          <ConnectionsCard connections={value.connections} />
          <EventsCard relay={value} />
        </>
      )}
      <TokensCard store={tokens} events={value?.events ?? []} announcer={announcer} ownId={props.me.tokenId} />
    </div>
  );
};

const Content = (props: { readonly session: SessionStore; readonly parts: () => AdminParts }): JSX.Element => {
  const session = props.session.session.value;
  switch (session.type) {
    case 'signed-out':
      return (
        <SignIn
          title="Look after the relay"
          explanation="Open the link that the relay printed at its first start, or paste the admin token here."
          problem={session.problem}
          onToken={props.session.signIn}
        />
      );
    case 'checking':
      return <CheckingAccess unreachable={session.unreachable} />;
    case 'signed-in':
      return <RelayView parts={props.parts()} me={session.me} />;
  }
};

/** The admin's page: how the relay does, what it holds, who is connected, who has access. */
export const AdminApp = (props: {
  readonly session: SessionStore;
  /** Asked for once somebody is signed in. */
  readonly parts: () => AdminParts;
}): JSX.Element => {
  const isSignedIn = props.session.session.value.type === 'signed-in';
  return (
    <>
      <TopBar page="relay" home="/admin">
        <div class="topbar-end">
          <a href="/operate">Operate</a>
          {isSignedIn ? (
            <button type="button" class="button button-small" onClick={props.session.signOut}>
              Sign out
            </button>
          ) : null}
        </div>
      </TopBar>
      <main id="main" class="page" tabIndex={-1}>
        <Content session={props.session} parts={props.parts} />
      </main>
      {isSignedIn ? (
        <AnnouncementBar current={props.parts().announcer.current} onDismiss={props.parts().announcer.dismiss} />
      ) : null}
    </>
  );
};
