import type { CreateToken, ListedToken, MeBody } from '@baton/schema/http';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Announcer } from '../platform/announcer-store.ts';
import { Empty, Loading } from '../ui/notice.tsx';
import { ProblemNotice } from '../ui/problem-notice.tsx';
import { nameOfToken, RevokeDialog } from '../ui/revoke-dialog.tsx';
import { TokenTable } from '../ui/token-table.tsx';
import type { Commands } from './commands.ts';
import { Invitation, type InvitationParts } from './invitation.tsx';
import { NewTokenForm } from './new-token.tsx';
import type { Workspace } from './workspace-store.ts';

/** Who may do what: the event's tokens, and invitations for new ones. Only the relay gives and takes access. */
export const AccessView = (
  props: InvitationParts & {
    readonly workspace: Workspace;
    readonly commands: Commands;
    readonly announcer: Announcer;
    readonly me: () => MeBody | null;
    readonly nowMs: number;
  },
): JSX.Element => {
  const { workspace, commands, announcer, timezone, nowMs: now } = props;
  const { tokens: store } = workspace;
  const { value, problem } = store.tokens.value;
  const me = props.me();
  const doomed = useSignal<ListedToken | null>(null);
  const busy = useSignal(false);
  const possible = problem === null;
  const create = async (request: CreateToken): Promise<void> => {
    busy.value = true;
    const outcome = await commands.createToken(request);
    busy.value = false;
    if (outcome.type === 'done') store.show(outcome.value);
    else announcer.fail(`No invitation was made: ${outcome.message}`);
    store.refresh();
  };
  const revoke = async (token: ListedToken): Promise<void> => {
    busy.value = true;
    const outcome = await commands.revokeToken(token.tokenId);
    busy.value = false;
    doomed.value = null;
    if (outcome.type === 'done') announcer.say(`The access of ${nameOfToken(token)} has ended.`);
    else announcer.fail(`The token was not revoked: ${outcome.message}`);
    store.refresh();
  };
  return (
    <div class="stack">
      <ProblemNotice what="The list of tokens" live={store.tokens.value} />
      {store.fresh.value === null ? null : (
        <Invitation token={store.fresh.value} parts={props} onDismiss={store.dismiss} />
      )}
      {value === null && problem !== null ? null : (
        <section class="card" aria-label="Tokens">
          {value === null ? <Loading label="Loading the tokens" /> : null}
          {value?.length === 0 ? (
            <Empty title="Nobody is invited yet">
              Make an invitation below for each operator, forwarder and receiver.
            </Empty>
          ) : null}
          {value === null || value.length === 0 ? null : (
            <TokenTable
              tokens={value}
              ownId={me?.tokenId ?? null}
              now={now}
              timezone={timezone}
              possible={possible}
              onRevoke={(token) => {
                doomed.value = token;
              }}
            />
          )}
        </section>
      )}
      <NewTokenForm
        eventId={workspace.eventId}
        busy={busy.value}
        possible={possible}
        now={now}
        limit={me?.expiresAt ?? null}
        timezone={timezone}
        onCreate={(request) => void create(request)}
      />
      {doomed.value === null ? null : (
        <RevokeDialog
          token={doomed.value}
          isOwn={me !== null && doomed.value.tokenId === me.tokenId}
          busy={busy.value}
          onConfirm={() => doomed.value !== null && void revoke(doomed.value)}
          onCancel={() => {
            doomed.value = null;
          }}
        />
      )}
    </div>
  );
};
