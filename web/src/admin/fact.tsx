import type { ComponentChildren, JSX } from 'preact';
import { Pill, type Tone } from '../ui/pill.tsx';

/** One line of a list of facts; what is not as usual stands out. */
export const Fact = (props: {
  readonly name: string;
  readonly tone?: Tone;
  /** A second, quieter line. */
  readonly under?: string | null;
  readonly children: ComponentChildren;
}): JSX.Element => {
  const { tone = 'neutral' } = props;
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>
        {tone === 'neutral' ? props.children : <Pill tone={tone}>{props.children}</Pill>}
        {props.under == null ? null : <span class="small muted cell-under">{props.under}</span>}
      </dd>
    </div>
  );
};
