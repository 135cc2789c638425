import type { ComponentChildren, JSX } from 'preact';
import logo from './baton.svg';

/** The page's first line: whose page it is, then what the page puts there. */
export const TopBar = (props: {
  readonly page: string;
  readonly home: string;
  readonly children?: ComponentChildren;
}): JSX.Element => (
  <header class="topbar">
    <a class="skip-link" href="#main">
      Skip to content
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
