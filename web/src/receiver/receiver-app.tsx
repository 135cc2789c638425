import type { ReadonlySignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { PageVersions } from '../platform/page-version.ts';
import type { SessionStore } from '../platform/session-store.ts';
import { AnnouncementBar } from '../ui/announcement-bar.tsx';
import { Loading } from '../ui/notice.tsx';
import { CheckingAccess, SignIn } from '../ui/sign-in.tsx';
import { TopBar } from '../ui/top-bar.tsx';
import { KeptLine, VersionNotice } from '../ui/version-notice.tsx';
import type { DeskTools, ReceiverDesk } from './desk.ts';
import { DeskFrame, StatusLight } from './desk-frame.tsx';

/** The receiver page: sign in, choose, see that everything arrives, and use it. */
export const ReceiverApp = (props: {
  readonly session: SessionStore;
  readonly desk: ReadonlySignal<ReceiverDesk | null>;
  readonly versions: PageVersions;
  readonly tools: DeskTools;
}): JSX.Element => {
  const session = props.session.session.value;
  const desk = props.desk.value;
  return (
    <>
      <TopBar page="receive" home="/receive">
        {session.type !== 'signed-in' ? null : (
          <div class="topbar-end">
            {desk === null ? null : <StatusLight desk={desk} />}
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
        {session.type === 'signed-in' && desk !== null ? <DeskFrame desk={desk} tools={props.tools} /> : null}
        {session.type === 'signed-in' ? (
          <KeptLine version={props.versions.version.value} isKept={props.session.isKept.value} />
        ) : null}
      </main>
      <AnnouncementBar current={props.tools.announcer.current} onDismiss={props.tools.announcer.dismiss} />
    </>
  );
};
