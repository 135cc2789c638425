import type { ComponentChildren, JSX } from 'preact';
import logo from './baton.svg';

/** The page's first line: whose page it is, then what the page puts there. */
export const TopBar = (props: {
  readonly page: string;
  readonly home: string;
  /** The first link's words, for a page in another language. */
  readonly skipLabel?: string;
  readonly children?: ComponentChildren;
}): JSX.Element => (
  <header class="topbar">
    <a class="skip-link" href="#main">
      {props.skipLabel ?? 'Skip to content'}
    </a>
    <div class="topbar-inner">
      <a class="brand" href={props.home}>
        <img src={logo} alt="" />
        <span>
          Baton <span class="brand-page">{props.page}</span>
        </span>
      </a>
      {props.children}
    </div>
  </header>
);
