import type { CreateToken, TokenBody } from '@baton/schema/http';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Announcer } from '../platform/announcer-store.ts';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { Empty, Loading } from '../ui/notice.tsx';
import { ProblemNotice } from '../ui/problem-notice.tsx';
import { dayAndClockText } from '../ui/time-text.ts';
import type { Commands } from './commands.ts';
import { FreshToken, NewTokenForm } from './new-token.tsx';
import type { Workspace } from './workspace-store.ts';

const nameOf = (token: TokenBody): string => token.label ?? token.nodeId ?? `this ${token.role}`;

const TokenTable = (props: {
  readonly tokens: readonly TokenBody[];
  readonly timezone: string;
  readonly onRevoke: (token: TokenBody) => void;
}): JSX.Element => (
  <div class="table-wrap">
    <table>
      <thead>
        <tr>
          <th scope="col">Role</th>
          <th scope="col">Node</th>
          <th scope="col">Note</th>
          <th scope="col" class="col-roomy">
            Made
          </th>
          <th scope="col">
            <span class="visually-hidden">Revoke</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {props.tokens.map((token) => (
          <tr key={token.tokenId}>
            <td>{token.role}</td>
            <td class="mono">{token.nodeId ?? ''}</td>
            <td>{token.label ?? ''}</td>
            <td class="nowrap muted col-roomy">{dayAndClockText(token.createdAt, props.timezone)}</td>
            <td class="number">
              <button type="button" class="button button-small" onClick={() => props.onRevoke(token)}>
                Revoke…
              </button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);

/** Who may do what: the event's tokens. */
export const AccessView = (props: {
  readonly workspace: Workspace;
  readonly commands: Commands;
  readonly announcer: Announcer;
  readonly timezone: string;
  readonly origin: string;
  readonly copy: (text: string) => Promise<boolean>;
}): JSX.Element => {
  const { workspace, commands, announcer } = props;
  const { tokens: store } = workspace;
  const { value, problem } = store.tokens.value;
  const doomed = useSignal<TokenBody | null>(null);
  const busy = useSignal(false);
  const create = async (request: CreateToken): Promise<void> => {
    busy.value = true;
    const outcome = await commands.createToken(request);
    busy.value = false;
    if (outcome.type === 'done') store.show(outcome.value);
    else announcer.fail(`No token was made: ${outcome.message}`);
    store.refresh();
  };
  const revoke = async (token: TokenBody): Promise<void> => {
    busy.value = true;
    const outcome = await commands.revokeToken(token.tokenId);
    busy.value = false;
    doomed.value = null;
    if (outcome.type === 'done') announcer.say(`The access of ${nameOf(token)} has ended.`);
    else announcer.fail(`The token was not revoked: ${outcome.message}`);
    store.refresh();
  };
  return (
    <div class="stack">
      <ProblemNotice what="Tokens" live={store.tokens.value} />
      {store.fresh.value === null ? null : (
        <FreshToken token={store.fresh.value} origin={props.origin} copy={props.copy} onDismiss={store.dismiss} />
      )}
      {value === null && problem !== null ? null : (
        <section class="card" aria-label="Tokens">
          {value === null ? <Loading label="Loading the tokens" /> : null}
          {value?.length === 0 ? (
            <Empty title="No tokens yet">Make one below for each operator, forwarder and receiver.</Empty>
          ) : null}
          {value === null || value.length === 0 ? null : (
            <TokenTable
              tokens={value}
              timezone={props.timezone}
              onRevoke={(token) => {
                doomed.value = token;
              }}
            />
          )}
        </section>
      )}
      <NewTokenForm eventId={workspace.eventId} busy={busy.value} onCreate={(request) => void create(request)} />
      {doomed.value === null ? null : (
        <ConfirmDialog
          title={`Revoke the token of ${nameOf(doomed.value)}?`}
          confirmLabel="Revoke token"
          danger
          busy={busy.value}
          onConfirm={() => doomed.value !== null && void revoke(doomed.value)}
          onCancel={() => {
            doomed.value = null;
          }}
        >
          <p>Its connections end within seconds. This cannot be taken back.</p>
        </ConfirmDialog>
      )}
    </div>
  );
};
