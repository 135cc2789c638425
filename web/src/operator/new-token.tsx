import { type CreateToken, TokenRole } from '@baton/schema/http';
import { NodeId } from '@baton/schema/ids';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { Field } from '../ui/field.tsx';
import { endOf, ROLE_WORDS, TERMS, type Term, termText } from '../ui/token-words.ts';

const fixesNode = (role: TokenRole): boolean => role === 'forwarder' || role === 'receiver';

const NodeField = (props: {
  readonly value: string;
  readonly bad: boolean;
  readonly onInput: (text: string) => void;
}): JSX.Element => (
  <Field
    id="token-node"
    label="Node name"
    hint="Names the machine for good, e.g. finish-left. Made up when empty."
    error={props.bad ? 'Use letters, digits, “.”, “_”, “~” and “-”.' : null}
  >
    <input
      id="token-node"
      maxLength={128}
      autocomplete="off"
      spellcheck={false}
      aria-describedby="token-node-help"
      aria-invalid={props.bad}
      value={props.value}
      onInput={(event) => props.onInput(event.currentTarget.value)}
    />
  </Field>
);

const TermField = (props: {
  readonly value: Term;
  readonly limit: number | null;
  readonly timezone: string;
  readonly onChange: (term: Term) => void;
}): JSX.Element => (
  <Field id="token-term" label="Holds">
    <select
      id="token-term"
      value={props.value}
      onChange={(event) => props.onChange(TERMS.find((it) => it === event.currentTarget.value) ?? 'open')}
    >
      {TERMS.map((it) => (
        <option key={it} value={it}>
          {termText(it, props.limit, props.timezone)}
        </option>
      ))}
    </select>
  </Field>
);

/** The form that asks for a new token. */
export const NewTokenForm = (props: {
  readonly eventId: CreateToken['eventId'];
  readonly busy: boolean;
  /** Making one needs the relay; false while it does not answer. */
  readonly possible: boolean;
  readonly now: number;
  /** The end of the token that makes it: none outlives that. */
  readonly limit: number | null;
  readonly timezone: string;
  readonly onCreate: (request: CreateToken) => void;
}): JSX.Element => {
  const role = useSignal<TokenRole>('operator');
  const term = useSignal<Term>('open');
  const node = useSignal('');
  const label = useSignal('');
  const nodeId = NodeId.safeParse(node.value.trim());
  const badNode = fixesNode(role.value) && node.value.trim() !== '' && !nodeId.success;
  const create = (): void => {
    if (badNode) return;
    props.onCreate({
      role: role.value,
      eventId: props.eventId,
      expiresAt: endOf(term.value, props.now, props.limit),
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
        <h2>New invitation</h2>
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
            <NodeField
              value={node.value}
              bad={badNode}
              onInput={(text) => {
                node.value = text;
              }}
            />
          ) : null}
          <Field id="token-label" label="Name (optional)" hint="Who or what gets it; others see it beside edits.">
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
          <TermField
            value={term.value}
            limit={props.limit}
            timezone={props.timezone}
            onChange={(chosen) => {
              term.value = chosen;
            }}
          />
        </div>
        <div class="row">
          <button type="submit" class="button button-primary" disabled={props.busy || !props.possible}>
            {props.busy ? 'Making…' : 'Make invitation'}
          </button>
          {props.possible ? null : <span class="small muted">Needs the relay: only it can give access.</span>}
        </div>
      </div>
    </form>
  );
};
