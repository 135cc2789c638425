import type { ReadonlySignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { PageVersions } from '../platform/page-version.ts';
import type { SessionStore } from '../platform/session-store.ts';
import { AnnouncementBar } from '../ui/announcement-bar.tsx';
import { CheckingAccess, SignIn } from '../ui/sign-in.tsx';
import { TopBar } from '../ui/top-bar.tsx';
import { KeptLine, VersionNotice } from '../ui/version-notice.tsx';
import type { DeviceStore } from './device-store.ts';
import { DocLight } from './doc-light.tsx';
import { EventFrame, type OperatorParts } from './event-frame.tsx';
import { EventsView } from './events-view.tsx';
import { LeftBehind } from './left-behind.tsx';
import { SignOut } from './sign-out.tsx';
import type { Workspace } from './workspace-store.ts';

/** Who ends an access, the relay or its loss, is not asked here: only signing out deletes anything. */
const STAYS = 'What this device keeps of the documents stays.';

const Content = (props: {
  readonly session: SessionStore;
  readonly workspace: Workspace | null;
  readonly parts: () => OperatorParts;
}): JSX.Element => {
  const session = props.session.session.value;
  if (session.type === 'signed-out') {
    return (
      <SignIn
        title="Operate an event"
        explanation="Open the link that you were given, or paste its token here."
        problem={session.problem === null ? null : `${session.problem} ${STAYS}`}
        onToken={props.session.signIn}
      />
    );
  }
  if (session.type === 'checking') return <CheckingAccess unreachable={session.unreachable} />;
  const parts = props.parts();
  if (props.workspace !== null) {
    const { eventId } = props.workspace;
    return (
      <div class="stack">
        <LeftBehind
          key={`left:${eventId}`}
          me={session.me}
          eventId={eventId}
          device={parts.device}
          documents={props.workspace.documents}
        />
        <EventFrame key={eventId} workspace={props.workspace} parts={parts} role={session.me.role} />
      </div>
    );
  }
  const open = (eventId: string): void => parts.address.go({ eventId, view: 'streams' });
  return <EventsView {...parts} store={parts.events} onOpen={open} />;
};

/** The operator page: sign in, choose an event, run it. */
export const OperatorApp = (props: {
  readonly session: SessionStore;
  readonly workspace: ReadonlySignal<Workspace | null>;
  readonly device: DeviceStore;
  readonly versions: PageVersions;
  /** Asked for once somebody is signed in. */
  readonly parts: () => OperatorParts;
}): JSX.Element => {
  const session = props.session.session.value;
  const workspace = props.workspace.value;
  return (
    <>
      <TopBar page="operate" home="/operate">
        <div class="topbar-end">
          {workspace === null ? null : <DocLight link={workspace.link.value} />}
          {session.type !== 'signed-in' ? null : (
            <>
              <span class="muted small topbar-who">{session.me.label ?? session.me.role}</span>
              <SignOut
                me={session.me}
                device={props.device}
                unsavedHere={workspace?.link.value.unsaved === true}
                onSignOut={props.session.signOut}
              />
            </>
          )}
        </div>
      </TopBar>
      <main id="main" class="page" tabIndex={-1}>
        <VersionNotice versions={props.versions} />
        <Content session={props.session} workspace={workspace} parts={props.parts} />
        <KeptLine version={props.versions.version.value} isKept={props.session.isKept.value} />
      </main>
      {session.type === 'signed-in' ? (
        <AnnouncementBar current={props.parts().announcer.current} onDismiss={props.parts().announcer.dismiss} />
      ) : null}
    </>
  );
};
