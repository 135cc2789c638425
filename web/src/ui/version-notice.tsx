import type { JSX } from 'preact';
import type { PageVersion, PageVersions } from '../platform/page-version.ts';
import { Notice } from './notice.tsx';

const Offer = (props: { readonly title: string; readonly text: string; readonly onTake: () => void }): JSX.Element => (
  <div class="version-offer">
    <Notice
      tone="info"
      title={props.title}
      action={
        <button type="button" class="button button-small" onClick={props.onTake}>
          Load it now
        </button>
      }
    >
      {props.text}
    </Notice>
  </div>
);

/** Offers a newer version of the page; nothing while there is none. It is never taken by itself: people are at work. */
export const VersionNotice = (props: { readonly versions: PageVersions }): JSX.Element | null => {
  const { version, take } = props.versions;
  switch (version.value.type) {
    case 'ready':
      return (
        <Offer
          title="A new version is ready"
          text="Load it when it suits you; this page goes on as it is until then."
          onTake={take}
        />
      );
    case 'outdated':
      return (
        <Offer
          title="This tab has an older version of the page"
          text="A newer one was loaded in another tab."
          onTake={take}
        />
      );
    case 'taking':
      return (
        <div class="version-offer">
          <Notice tone="info" title="Loading the new version…">
            As soon as the browser is done with what this version still asks for.
          </Notice>
        </div>
      );
    default:
      return null;
  }
};

const words = (version: PageVersion): string => {
  switch (version.type) {
    case 'fetching':
      return 'This page is being kept on the device…';
    case 'kept':
    case 'ready':
    case 'taking':
    case 'outdated':
      return 'This page is kept on the device: it opens without the relay too.';
    case 'not-kept':
      return NOT_KEPT[version.reason];
  }
};

const NOT_KEPT = {
  insecure: 'Browsers keep pages from https addresses only: without the relay this one will not open again.',
  unsupported: 'This browser keeps no pages: without the relay this one will not open again.',
  refused: 'The browser did not keep this page: without the relay it will not open again.',
} as const;

/** The foot of a page: whether it opens again without the relay. `isKept`: whether the device keeps the token. */
export const KeptLine = (props: { readonly version: PageVersion; readonly isKept: boolean }): JSX.Element => (
  <p class="kept-line small muted">
    {props.isKept
      ? words(props.version)
      : 'The browser keeps nothing here: the next time the page asks for the token again.'}
  </p>
);
