import type { RelayBody } from '@baton/schema/http';
import type { JSX } from 'preact';
import { Notice } from '../ui/notice.tsx';
import { Pill } from '../ui/pill.tsx';
import { sizeText } from '../ui/size-text.ts';
import { dayAndClockText } from '../ui/time-text.ts';
import { Fact } from './fact.tsx';
import { durationText, lagText, lagTone, rateText } from './relay-words.ts';

const TROUBLE_TITLES: Readonly<Record<string, string>> = {
  'disk-full': 'The disk is full',
  'storage-failed': 'The storage has failed',
  'writer-stuck': 'Nothing is being written',
};

/** Whether the relay does what it is for, and what keeps it from it. */
export const HealthCard = (props: {
  readonly relay: RelayBody;
  readonly readsPerSecond: number | null;
  /** An answer that is not new says nothing about now. */
  readonly isCurrent: boolean;
}): JSX.Element => {
  const { relay, isCurrent } = props;
  const { troubles, version, startedAt, now } = relay;
  const { loopLagMs, memoryBytes } = relay.process;
  return (
    <section class="card" aria-labelledby="health-title">
      <div class="card-head">
        <h2 id="health-title">Health</h2>
        {isCurrent ? null : <Pill tone="warn">Not known</Pill>}
        {isCurrent && troubles.length === 0 ? <Pill tone="ok">Ready</Pill> : null}
        {isCurrent && troubles.length > 0 ? <Pill tone="bad">Not ready</Pill> : null}
      </div>
      <div class="card-body stack">
        {troubles.map(({ type, message }) => (
          <Notice key={type} tone="bad" title={TROUBLE_TITLES[type] ?? type}>
            {message}
          </Notice>
        ))}
        <dl class="facts admin-facts">
          <Fact name="Version">{version}</Fact>
          <Fact name="Running for" under={`since ${dayAndClockText(startedAt)}`}>
            {durationText(now - startedAt)}
          </Fact>
          <Fact name="Reads coming in">{rateText(props.readsPerSecond)}</Fact>
          <Fact name="Longest delay" tone={lagTone(loopLagMs)}>
            {lagText(loopLagMs)}
          </Fact>
          <Fact name="Memory">{memoryBytes === null ? 'not known' : sizeText(memoryBytes)}</Fact>
        </dl>
      </div>
    </section>
  );
};
