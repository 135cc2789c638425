import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { Field } from './field.tsx';
import { Loading, Notice } from './notice.tsx';

/** Asks for a token where no link brought one. */
export const SignIn = (props: {
  readonly title: string;
  readonly explanation: string;
  readonly problem: string | null;
  readonly onToken: (token: string) => void;
}): JSX.Element => {
  const text = useSignal('');
  return (
    <div class="page-narrow sign-in">
      <form
        class="card card-body stack"
        onSubmit={(event) => {
          event.preventDefault();
          props.onToken(text.value);
        }}
      >
        <h1>{props.title}</h1>
        <p class="muted">{props.explanation}</p>
        {props.problem === null ? null : (
          <Notice tone="bad" title="That did not work">
            {props.problem}
          </Notice>
        )}
        <Field id="token" label="Token" hint="It stays on this device and never appears in an address.">
          <input
            id="token"
            type="password"
            autocomplete="off"
            spellcheck={false}
            required
            aria-describedby="token-help"
            value={text.value}
            onInput={(event) => {
              text.value = event.currentTarget.value;
            }}
          />
        </Field>
        <button type="submit" class="button button-primary">
          Continue
        </button>
      </form>
    </div>
  );
};

/** While the relay is asked who we are. */
export const CheckingAccess = (props: { readonly unreachable: boolean }): JSX.Element => (
  <div class="page-narrow sign-in stack">
    {props.unreachable ? (
      <Notice tone="warn" title="The relay does not answer">
        The page keeps trying. Check that this device is on the network of the relay.
      </Notice>
    ) : null}
    <div class="card">
      <Loading label="Checking your access" lines={3} />
    </div>
  </div>
);
