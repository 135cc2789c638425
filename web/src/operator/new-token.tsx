import { type CreatedToken, type CreateToken, TokenRole } from '@baton/schema/http';
import { NodeId } from '@baton/schema/ids';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { tokenLink } from '../platform/token-link.ts';
import { CopyField } from '../ui/copy-field.tsx';
import { Field } from '../ui/field.tsx';
import { Notice } from '../ui/notice.tsx';

export const ROLE_WORDS: Readonly<Record<TokenRole, string>> = {
  operator: 'Operator: sets up and runs the event',
  receiver: 'Receiver: a scoring machine, gets the reads',
  forwarder: 'Forwarder: stands at the readers, sends the reads',
  viewer: 'Viewer: sees everything, changes nothing',
};

const fixesNode = (role: TokenRole): boolean => role === 'forwarder' || role === 'receiver';

/** The form that asks for a new token. */
export const NewTokenForm = (props: {
  readonly eventId: CreateToken['eventId'];
  readonly busy: boolean;
  readonly onCreate: (request: CreateToken) => void;
}): JSX.Element => {
  const role = useSignal<TokenRole>('operator');
  const node = useSignal('');
  const label = useSignal('');
  const nodeId = NodeId.safeParse(node.value.trim());
  const badNode = fixesNode(role.value) && node.value.trim() !== '' && !nodeId.success;
  const create = (): void => {
    if (badNode) return;
    props.onCreate({
      role: role.value,
      eventId: props.eventId,
      ...(fixesNode(role.value) && nodeId.success ? { nodeId: nodeId.data } : {}),
      ...(label.value.trim() === '' ? {} : { label: label.value.trim() }),
    });
    label.value = '';
    node.value = '';
  };
  return (
    <form
      class="card"
      onSubmit={(event) => {
        event.preventDefault();
        create();
      }}
    >
      <div class="card-head">
        <h2>New token</h2>
      </div>
      <div class="card-body stack">
        <div class="form-grid">
          <Field id="token-role" label="For">
            <select
              id="token-role"
              value={role.value}
              onChange={(event) => {
                role.value = TokenRole.options.find((it) => it === event.currentTarget.value) ?? 'viewer';
              }}
            >
              {TokenRole.options.map((it) => (
                <option key={it} value={it}>
                  {ROLE_WORDS[it]}
                </option>
              ))}
            </select>
          </Field>
          {fixesNode(role.value) ? (
            <Field
              id="token-node"
              label="Node name"
              hint="Names the machine for good, e.g. finish-left. Made up when empty."
              error={badNode ? 'Use letters, digits, “.”, “_”, “~” and “-”.' : null}
            >
              <input
                id="token-node"
                maxLength={128}
                autocomplete="off"
                spellcheck={false}
                aria-describedby="token-node-help"
                aria-invalid={badNode}
                value={node.value}
                onInput={(event) => {
                  node.value = event.currentTarget.value;
                }}
              />
            </Field>
          ) : null}
          <Field id="token-label" label="Note (optional)" hint="Who or what gets it.">
            <input
              id="token-label"
              maxLength={128}
              autocomplete="off"
              aria-describedby="token-label-help"
              value={label.value}
              onInput={(event) => {
                label.value = event.currentTarget.value;
              }}
            />
          </Field>
        </div>
        <div>
          <button type="submit" class="button button-primary" disabled={props.busy}>
            {props.busy ? 'Making…' : 'Make token'}
          </button>
        </div>
      </div>
    </form>
  );
};

/** The secret of a token just made: shown this once, with what to do with it. */
export const FreshToken = (props: {
  readonly token: CreatedToken;
  readonly origin: string;
  readonly copy: (text: string) => Promise<boolean>;
  readonly onDismiss: () => void;
}): JSX.Element => {
  const { token, origin, copy } = props;
  const { role } = token;
  return (
    <section class="card fresh-token" aria-label="New token">
      <div class="card-body stack">
        <Notice tone="ok" title={`A token for ${token.label ?? token.nodeId ?? role} is ready`}>
          Copy it now: it is shown this once and stored nowhere. If it gets lost, revoke it and make a new one.
        </Notice>
        {role === 'operator' || role === 'receiver' ? (
          <CopyField
            id="token-link"
            label="Link that signs in"
            text={tokenLink(origin, role === 'operator' ? 'operate' : 'receive', token.token)}
            copy={copy}
          />
        ) : null}
        {role === 'forwarder' ? (
          <CopyField
            id="token-command"
            label="Command at the readers"
            text={`baton forward --relay ${origin} --token ${token.token} --reader NAME=HOST:PORT`}
            copy={copy}
          />
        ) : null}
        <CopyField id="token-secret" label="Token" text={token.token} copy={copy} />
        <div>
          <button type="button" class="button" onClick={props.onDismiss}>
            Done, hide it
          </button>
        </div>
      </div>
    </section>
  );
};
