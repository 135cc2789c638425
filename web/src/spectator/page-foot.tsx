import './part-words.ts';
import type { JSX } from 'preact';
import { createPageVersions, type PageVersionDeps, type PageVersions } from '../platform/page-version.ts';
import { Notice } from '../ui/notice.tsx';
import { say } from './words.ts';

/** Keeps the page on the device; loaded once results are on the screen. */
export const keepPage = (deps: PageVersionDeps): PageVersions => createPageVersions(deps);

/** A quiet word that there is a newer version of the page, and whether it opens without a connection. */
export const PageFoot = (props: { readonly versions: PageVersions }): JSX.Element | null => {
  const { version, take } = props.versions;
  switch (version.value.type) {
    case 'ready':
    case 'outdated':
      return (
        <Notice
          tone="info"
          title={say('newVersion')}
          action={
            <button type="button" class="button button-small" onClick={take}>
              {say('loadNow')}
            </button>
          }
        >
          {say('newVersionWhy')}
        </Notice>
      );
    case 'taking':
      return <Notice tone="info" title={say('loadingVersion')} />;
    case 'kept':
      return <p class="kept-line small muted">{say('kept')}</p>;
    default:
      return null;
  }
};
