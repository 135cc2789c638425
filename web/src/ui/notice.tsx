import type { ComponentChildren, JSX } from 'preact';
import { type Tone, toneClass } from './pill.tsx';

/** A sentence that says what is the case and what to do; `action` is usually a button. */
export const Notice = (props: {
  readonly tone: Tone;
  readonly title: string;
  readonly children?: ComponentChildren;
  readonly action?: ComponentChildren;
}): JSX.Element => (
  <div class={`notice${toneClass(props.tone)}`} role={props.tone === 'bad' ? 'alert' : 'status'}>
    <div>
      <strong>{props.title}</strong>
      {props.children === undefined ? null : <p>{props.children}</p>}
    </div>
    {props.action}
  </div>
);

/** Shown in place of content that is not there: why, and what brings it. */
export const Empty = (props: {
  readonly title: string;
  readonly children?: ComponentChildren;
  readonly action?: ComponentChildren;
}): JSX.Element => (
  <div class="empty">
    <h2>{props.title}</h2>
    {props.children === undefined ? null : <p>{props.children}</p>}
    {props.action}
  </div>
);

/** Shown until the first answer; `label` is what a screen reader hears. */
export const Loading = (props: { readonly label: string; readonly lines?: number }): JSX.Element => (
  <div class="skeleton" role="status">
    <span class="visually-hidden">{props.label}</span>
    {Array.from({ length: props.lines ?? 4 }, (_, line) => (
      <span key={line} aria-hidden="true" />
    ))}
  </div>
);
