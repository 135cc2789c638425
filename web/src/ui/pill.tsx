import type { ComponentChildren, JSX } from 'preact';

/** How a state feels; its word always says it too. */
export type Tone = 'neutral' | 'ok' | 'warn' | 'bad' | 'info';

export const toneClass = (tone: Tone): string => (tone === 'neutral' ? '' : ` tone-${tone}`);

/** A state in one word. `hollow` marks what is not settled yet. */
export const Pill = (props: {
  readonly tone: Tone;
  readonly hollow?: boolean;
  readonly children: ComponentChildren;
}): JSX.Element => (
  <span class={`pill${toneClass(props.tone)}${props.hollow === true ? ' pill-hollow' : ''}`}>{props.children}</span>
);
