import type { ListedToken, RelayEvent } from '@baton/schema/http';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Announcer } from '../platform/announcer-store.ts';
import { Empty, Loading } from '../ui/notice.tsx';
import { ProblemNotice } from '../ui/problem-notice.tsx';
import { nameOfToken, RevokeDialog } from '../ui/revoke-dialog.tsx';
import { TokenTable } from '../ui/token-table.tsx';
import type { AllTokens } from './tokens-store.ts';

const titlesOf = (events: readonly RelayEvent[]): ReadonlyMap<string, string> =>
  new Map(events.map(({ eventId, title }) => [eventId, title]));

/** Those that were made last come first. */
const newestFirst = (tokens: readonly ListedToken[]): readonly ListedToken[] =>
  [...tokens].sort((a, b) => b.createdAt - a.createdAt);

/** Everybody who has access, and the way to end it. */
export const TokensCard = (props: {
  readonly store: AllTokens;
  readonly events: readonly RelayEvent[];
  readonly announcer: Announcer;
  /** Of this page; null: it uses the admin token, which is no record. */
  readonly ownId: string | null;
}): JSX.Element => {
  const { store, announcer } = props;
  const { value, problem, confirmedAt } = store.tokens.value;
  const titles = titlesOf(props.events);
  const doomed = useSignal<ListedToken | null>(null);
  const busy = useSignal(false);
  const revoke = async (token: ListedToken): Promise<void> => {
    busy.value = true;
    const outcome = await store.revoke(token.tokenId);
    busy.value = false;
    doomed.value = null;
    if (outcome.type === 'done') announcer.say(`The access of ${nameOfToken(token)} has ended.`);
    else announcer.fail(`The token was not revoked: ${outcome.message}`);
  };
  return (
    <section class="card" aria-labelledby="tokens-title">
      <div class="card-head">
        <h2 id="tokens-title">Tokens</h2>
        <span class="small muted">Invitations are made on the operator page, event by event.</span>
      </div>
      <ProblemNotice what="The list of tokens" live={store.tokens.value} />
      {value === null && problem === null ? <Loading label="Loading the tokens" /> : null}
      {value?.length === 0 ? <Empty title="Nobody is invited yet" /> : null}
      {value === null || value.length === 0 ? null : (
        <TokenTable
          tokens={newestFirst(value)}
          ownId={props.ownId}
          now={confirmedAt ?? 0}
          timezone={undefined}
          possible={problem === null}
          placeOf={({ eventId }) => (eventId === null ? null : (titles.get(eventId) ?? eventId))}
          onRevoke={(token) => {
            doomed.value = token;
          }}
        />
      )}
      {doomed.value === null ? null : (
        <RevokeDialog
          token={doomed.value}
          isOwn={doomed.value.tokenId === props.ownId}
          busy={busy.value}
          onConfirm={() => doomed.value !== null && void revoke(doomed.value)}
          onCancel={() => {
            doomed.value = null;
          }}
        />
      )}
    </section>
  );
};
