import type { DocLink } from '@baton/client-core';
import type { JSX } from 'preact';
import { Pill } from '../ui/pill.tsx';
import { linkWords } from './device-words.ts';

/** Says how far one's edits have got, and, beside it, when this device does not keep them. */
export const DocLight = (props: { readonly link: DocLink }): JSX.Element => {
  const { tone, word, where, title } = linkWords(props.link);
  return (
    <span role="status" class="doc-light">
      {props.link.keeping.type === 'not-kept' ? (
        <span title="Edits go to the relay only: without a connection they are lost with this page.">
          <Pill tone="warn">Not kept on this device</Pill>
        </span>
      ) : null}
      <span title={title}>
        <Pill tone={tone} hollow={props.link.type !== 'synced'}>
          {/* one item: a pill keeps its items apart by more than a space */}
          <span>
            <span>{word}</span>
            {where === undefined ? null : <span class="doc-light-where"> {where}</span>}
          </span>
        </Pill>
      </span>
    </span>
  );
};
