import type { ListedToken } from '@baton/schema/http';
import type { JSX } from 'preact';
import { Pill } from './pill.tsx';
import { dayAndClockText } from './time-text.ts';
import { endText, useText } from './token-words.ts';

const Use = (props: { readonly token: ListedToken; readonly now: number }): JSX.Element => {
  const text = useText(props.token, props.now);
  return props.token.connections > 0 ? <Pill tone="ok">{text}</Pill> : <span class="muted nowrap">{text}</span>;
};

const Line = (props: {
  readonly token: ListedToken;
  readonly isOwn: boolean;
  readonly now: number;
  readonly timezone: string | undefined;
  readonly possible: boolean;
  /** Whose it is, where tokens of several events stand together. */
  readonly place: string | null;
  readonly onRevoke: () => void;
}): JSX.Element => {
  const { token, now, timezone, place } = props;
  const made = `made ${dayAndClockText(token.createdAt, timezone)}`;
  return (
    <tr>
      <td>
        <span class="token-name">
          {token.label ?? <span class="muted">no name</span>}
          {props.isOwn ? <Pill tone="info">this page</Pill> : null}
        </span>
        <span class="small muted cell-under">
          {token.role}
          {token.nodeId === null ? '' : ` · ${token.nodeId}`}
          {place === null ? '' : ` · ${place}`}
          <span class="cell-more">
            {' '}
            · {endText(token.expiresAt, now, timezone)} · {useText(token, now).toLowerCase()}
          </span>
        </span>
      </td>
      <td class="small muted col-roomy">
        {endText(token.expiresAt, now, timezone)}
        <span class="cell-under">{made}</span>
      </td>
      <td class="col-roomy">
        <Use token={token} now={now} />
      </td>
      <td class="number">
        <button type="button" class="button button-small" disabled={!props.possible} onClick={props.onRevoke}>
          Revoke…
        </button>
      </td>
    </tr>
  );
};

/** Tokens: whose, until when, and whether they are used. Never a secret. */
export const TokenTable = (props: {
  readonly tokens: readonly ListedToken[];
  readonly ownId: string | null;
  readonly now: number;
  readonly timezone: string | undefined;
  /** Revoking needs the relay. */
  readonly possible: boolean;
  /** Names the event of a token, where there are tokens of several. */
  readonly placeOf?: (token: ListedToken) => string | null;
  readonly onRevoke: (token: ListedToken) => void;
}): JSX.Element => (
  <div class="table-wrap">
    <table>
      <thead>
        <tr>
          <th scope="col">For</th>
          <th scope="col" class="col-roomy">
            Holds
          </th>
          <th scope="col" class="col-roomy">
            Used
          </th>
          <th scope="col">
            <span class="visually-hidden">Revoke</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {props.tokens.map((token) => (
          <Line
            key={token.tokenId}
            {...props}
            token={token}
            isOwn={token.tokenId === props.ownId}
            place={props.placeOf?.(token) ?? null}
            onRevoke={() => props.onRevoke(token)}
          />
        ))}
      </tbody>
    </table>
  </div>
);
