import type { CreatedToken } from '@baton/schema/http';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { ShareLink } from '../platform/share-link.ts';
import { tokenLink } from '../platform/token-link.ts';
import { CopyField } from '../ui/copy-field.tsx';
import { Notice } from '../ui/notice.tsx';
import { QrCode } from '../ui/qr-code.tsx';
import { dayAndClockText } from '../ui/time-text.ts';

/** What the invitation needs of the browser. */
export interface InvitationParts {
  readonly origin: string;
  readonly timezone: string;
  readonly copy: (text: string) => Promise<boolean>;
  /** Null where this browser cannot. */
  readonly share: ShareLink | null;
  readonly print: () => void;
}

const nameOf = (token: CreatedToken): string => token.label ?? token.nodeId ?? token.role;

/** The page that a role works on; null: a program, not a page. */
const pageOf = ({ role }: CreatedToken): 'operate' | 'receive' | null => {
  if (role === 'operator') return 'operate';
  return role === 'receiver' ? 'receive' : null;
};

/** Whether an address means each device itself. */
const isLoopback = (origin: string): boolean =>
  ['localhost', '[::1]'].includes(new URL(origin).hostname) || /^127\./.test(new URL(origin).hostname);

const Link = (props: { readonly token: CreatedToken; readonly link: string; readonly parts: InvitationParts }) => {
  const { token, link, parts } = props;
  return (
    <div class="invitation-link">
      <QrCode text={link} label={`QR code of the invitation for ${nameOf(token)}`} />
      <div class="stack">
        <p class="invitation-for">
          <strong>{nameOf(token)}</strong>
          <span class="muted small">
            {token.role}
            {token.nodeId === null ? '' : ` · ${token.nodeId}`} ·{' '}
            {token.expiresAt === null ? 'until revoked' : `until ${dayAndClockText(token.expiresAt, parts.timezone)}`}
          </span>
        </p>
        <p class="invitation-paper mono small">{link}</p>
        <CopyField id="token-link" label="Invitation link: whoever opens it is in" text={link} copy={parts.copy} />
      </div>
    </div>
  );
};

const Actions = (props: {
  readonly link: string | null;
  readonly title: string;
  readonly parts: InvitationParts;
  readonly onDismiss: () => void;
}): JSX.Element => {
  const { link, parts } = props;
  const refused = useSignal(false);
  const share = async (url: string, take: ShareLink): Promise<void> => {
    refused.value = !(await take(props.title, url));
  };
  return (
    <div class="row">
      {link === null || parts.share === null ? null : (
        <button type="button" class="button" onClick={() => parts.share !== null && void share(link, parts.share)}>
          Share…
        </button>
      )}
      {link === null ? null : (
        <button type="button" class="button" onClick={parts.print}>
          Print
        </button>
      )}
      <button type="button" class="button" onClick={props.onDismiss}>
        Done, hide it
      </button>
      <span class="small muted" aria-live="polite">
        {refused.value ? 'It was not shared.' : ''}
      </span>
    </div>
  );
};

/** The secret of a token just made: shown this once, with what to do with it. */
export const Invitation = (props: {
  readonly token: CreatedToken;
  readonly parts: InvitationParts;
  readonly onDismiss: () => void;
}): JSX.Element => {
  const { token, parts } = props;
  const page = pageOf(token);
  const link = page === null ? null : tokenLink(parts.origin, page, token.token);
  return (
    <section class="card fresh-token" aria-label="Invitation">
      <div class="card-body stack">
        <Notice tone="ok" title={`The access of ${nameOf(token)} is ready`}>
          Hand it over now: it is shown this once and stored nowhere. If it gets lost, revoke it and make a new one.
        </Notice>
        {isLoopback(parts.origin) ? (
          <Notice tone="warn" title="Other devices cannot reach this address">
            {parts.origin} means the device itself. Open this page by the relay’s name in the network to invite others.
          </Notice>
        ) : null}
        {link === null ? null : <Link token={token} link={link} parts={parts} />}
        {token.role === 'forwarder' ? (
          <CopyField
            id="token-command"
            label="Command at the readers"
            text={`BATON_TOKEN=${token.token} baton forward --relay ${parts.origin} --reader NAME=HOST:PORT`}
            copy={parts.copy}
          />
        ) : null}
        <div>
          <CopyField id="token-secret" label="Token" text={token.token} copy={parts.copy} />
        </div>
        <Actions link={link} title={`Baton: ${token.role}`} parts={parts} onDismiss={props.onDismiss} />
      </div>
    </section>
  );
};
