import type { ComponentChildren, JSX } from 'preact';
import { type AddressStore, hrefOf, type Place } from './address-store.ts';

/** A link within the page, which the browser can open elsewhere too. */
export const PlaceLink = (props: {
  readonly address: AddressStore;
  readonly place: Place;
  readonly class?: string;
  readonly isCurrent?: boolean;
  readonly children: ComponentChildren;
}): JSX.Element => (
  <a
    class={props.class}
    href={hrefOf(props.place)}
    aria-current={props.isCurrent === true ? 'page' : undefined}
    onClick={(click) => {
      if (click.ctrlKey || click.metaKey || click.shiftKey) return;
      click.preventDefault();
      props.address.go(props.place);
    }}
  >
    {props.children}
  </a>
);
