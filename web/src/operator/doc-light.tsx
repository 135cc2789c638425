import type { DocLink } from '@baton/client-core';
import type { JSX } from 'preact';
import { Pill, type Tone } from '../ui/pill.tsx';

const words = (link: DocLink): { readonly tone: Tone; readonly word: string; readonly title: string } => {
  switch (link.type) {
    case 'connecting':
      return { tone: 'info', word: 'Connecting…', title: 'The setup is being loaded from the relay.' };
    case 'offline':
      return link.unsaved
        ? {
            tone: 'warn',
            word: 'Offline · unsaved',
            title: 'Your edits wait in this page. Keep it open until it is back.',
          }
        : { tone: 'warn', word: 'Offline', title: 'No connection to the relay. The page keeps trying.' };
    case 'syncing':
      return { tone: 'info', word: 'Syncing…', title: 'Edits are on their way to or from the relay.' };
    case 'synced':
      return { tone: 'ok', word: 'Saved', title: 'The relay has every edit on disk.' };
    case 'refused':
      return { tone: 'bad', word: 'Not connected', title: link.reason };
  }
};

/** Says how far one's edits have got. */
export const DocLight = (props: { readonly link: DocLink }): JSX.Element => {
  const { tone, word, title } = words(props.link);
  return (
    <span role="status" title={title}>
      <Pill tone={tone} hollow={props.link.type !== 'synced'}>
        {word}
      </Pill>
    </span>
  );
};
