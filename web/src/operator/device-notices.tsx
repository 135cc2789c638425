import type { DocLink } from '@baton/client-core';
import type { JSX } from 'preact';
import type { StorageStanding } from '../platform/device-storage.ts';
import { Notice } from '../ui/notice.tsx';
import { deviceWords, FAULT_WORDS } from './device-words.ts';

/** Whatever keeps one's edits from being safe, before more of them are made. */
export const DeviceNotices = (props: { readonly link: DocLink }): JSX.Element | null => {
  const { keeping } = props.link;
  if (keeping.type === 'not-kept') {
    return (
      <Notice tone="warn" title="Your edits are not kept on this device">
        {FAULT_WORDS[keeping.fault.type]} Until then they go to the relay only: do not edit without a connection.
      </Notice>
    );
  }
  if (keeping.type !== 'kept' || keeping.damaged === 0) return null;
  return (
    <Notice tone="bad" title="Some edits on this device cannot be read">
      {`${keeping.damaged} edits of an earlier visit were damaged on this device’s disk and did not reach the relay. Check what you did last.`}
    </Notice>
  );
};

/** One line: what this device keeps, and whether it may lose it. */
export const DeviceLine = (props: {
  readonly link: DocLink;
  readonly standing: StorageStanding | null;
}): JSX.Element => <p class="muted small">{deviceWords(props.link.keeping, props.standing)}</p>;
