import './part-words.ts';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { copyText } from '../platform/clipboard.ts';
import { shareLink } from '../platform/share-link.ts';
import { useModal } from '../ui/modal.ts';
import { QrCode } from '../ui/qr-code.tsx';
import { say } from './words.ts';

export interface ShareProps {
  readonly title: string;
  readonly url: string;
  readonly onClose: () => void;
}

const CopyLink = (props: { readonly url: string }): JSX.Element => {
  const state = useSignal<'idle' | 'copied' | 'refused'>('idle');
  const copy = async (): Promise<void> => {
    state.value = (await copyText(props.url)) ? 'copied' : 'refused';
  };
  return (
    <div class="field">
      <label for="share-link">{say('shareLink')}</label>
      <div class="copy-field">
        <input id="share-link" readOnly value={props.url} onFocus={(event) => event.currentTarget.select()} />
        <button type="button" class="button" onClick={() => void copy()}>
          {say(state.value === 'copied' ? 'copied' : 'copy')}
        </button>
      </div>
      <span class="field-hint" aria-live="polite">
        {state.value === 'refused' ? say('copyRefused') : ''}
      </span>
    </div>
  );
};

/** The address of what is shown: as a link, as a QR code for a phone beside, and for another app. */
export const ShareDialog = (props: ShareProps): JSX.Element => {
  const dialog = useModal();
  const share = shareLink(navigator);
  return (
    <dialog
      ref={dialog}
      aria-labelledby="share-title"
      onCancel={(event) => {
        event.preventDefault();
        props.onClose();
      }}
    >
      <div class="stack">
        <h2 id="share-title">{say('shareTitle')}</h2>
        <div class="share-code">
          <QrCode text={props.url} label={say('shareQr')} />
        </div>
        <CopyLink url={props.url} />
      </div>
      <div class="dialog-actions">
        {share === null ? null : (
          <button type="button" class="button" onClick={() => void share(props.title, props.url)}>
            {say('shareWith')}
          </button>
        )}
        <button type="button" class="button button-primary" autofocus onClick={props.onClose}>
          {say('close')}
        </button>
      </div>
    </dialog>
  );
};
