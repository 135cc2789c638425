import type { Point } from '@baton/schema/doc';
import type { JSX } from 'preact';

const KIND_WORDS: Readonly<Record<Point['kind'], string>> = { start: 'Start', split: 'Split', finish: 'Finish' };
const KINDS: readonly Point['kind'][] = ['start', 'split', 'finish'];

const kindOf = (text: string): Point['kind'] => KINDS.find((it) => it === text) ?? 'split';

/** What a timing point is to the race. */
export const KindSelect = (props: {
  readonly id: string;
  readonly label: string;
  readonly value: Point['kind'];
  readonly onChange: (kind: Point['kind']) => void;
}): JSX.Element => (
  <div class="field">
    <label class="visually-hidden" for={props.id}>
      {props.label}
    </label>
    <select id={props.id} value={props.value} onChange={(event) => props.onChange(kindOf(event.currentTarget.value))}>
      {KINDS.map((kind) => (
        <option key={kind} value={kind}>
          {KIND_WORDS[kind]}
        </option>
      ))}
    </select>
  </div>
);
