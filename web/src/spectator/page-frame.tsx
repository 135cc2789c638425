import { type ReadonlySignal, useSignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { TopBar } from '../ui/top-bar.tsx';
import { lazyPart } from './lazy-part.tsx';
import type { ShareProps } from './share-dialog.tsx';
import { LANGUAGES, type Language, language, say } from './words.ts';

const ShareDialog = lazyPart<ShareProps>(async () => (await import('./share-dialog.tsx')).ShareDialog);

const LanguageSwitch = (props: { readonly onChoose: (code: Language) => void }): JSX.Element => (
  <fieldset class="languages">
    <legend class="visually-hidden">{say('language')}</legend>
    {LANGUAGES.map(({ code, name }) => (
      <button
        key={code}
        type="button"
        class="language"
        lang={code}
        title={name}
        aria-label={`${code.toUpperCase()} ${name}`}
        aria-pressed={language() === code}
        onClick={() => props.onChoose(code)}
      >
        {code.toUpperCase()}
      </button>
    ))}
  </fieldset>
);

/** What every page of spectators has around it. */
export const PageFrame = (props: {
  /** Of one event; null for the list. */
  readonly title: ReadonlySignal<string | null>;
  readonly isList: boolean;
  readonly onChoose: (code: Language) => void;
  readonly children: ComponentChildren;
}): JSX.Element => {
  const isSharing = useSignal(false);
  return (
    <>
      <TopBar page={say('results')} home="/" skipLabel={say('skip')}>
        <div class="topbar-end">
          {props.isList ? null : (
            <>
              <a class="all-events" href="/">
                {say('allEvents')}
              </a>
              <button
                type="button"
                class="button button-small"
                onClick={() => {
                  isSharing.value = true;
                }}
              >
                {say('share')}
              </button>
            </>
          )}
          <LanguageSwitch onChoose={props.onChoose} />
        </div>
      </TopBar>
      <main id="main" class="page" tabIndex={-1}>
        {props.children}
      </main>
      {isSharing.value ? (
        <ShareDialog
          title={props.title.value ?? say('liveResults')}
          url={location.href}
          onClose={() => {
            isSharing.value = false;
          }}
        />
      ) : null}
    </>
  );
};
