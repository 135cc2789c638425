import type { ListedToken } from '@baton/schema/http';
import type { JSX } from 'preact';
import { ConfirmDialog } from './confirm-dialog.tsx';

/** What people call a token. */
export const nameOfToken = (token: ListedToken): string => token.label ?? token.nodeId ?? `this ${token.role}`;

/** Asks before somebody loses their access. */
export const RevokeDialog = (props: {
  readonly token: ListedToken;
  readonly isOwn: boolean;
  readonly busy: boolean;
  readonly onConfirm: () => void;
  readonly onCancel: () => void;
}): JSX.Element => (
  <ConfirmDialog
    title={props.isOwn ? 'Revoke your own access?' : `Revoke the access of ${nameOfToken(props.token)}?`}
    confirmLabel="Revoke"
    danger
    busy={props.busy}
    onConfirm={props.onConfirm}
    onCancel={props.onCancel}
  >
    <p>
      {props.isOwn
        ? 'This page uses it: you will be signed out, and need another invitation to come back.'
        : 'Its connections end within seconds.'}{' '}
      This cannot be taken back.
    </p>
    <p class="muted">Tokens that it made hold on: revoke them, too, if you do not trust them.</p>
  </ConfirmDialog>
);
