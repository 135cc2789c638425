import type { EpochProgress, PullStatus } from '@baton/client-core';
import type { Setup } from '@baton/schema/doc';
import { pairKey } from '@baton/schema/reads';
import type { JSX } from 'preact';
import { Empty, Notice } from '../ui/notice.tsx';
import { Pill } from '../ui/pill.tsx';
import { clockText, countText } from '../ui/time-text.ts';
import { progressText, totalOf } from './progress-words.ts';
import { warningText } from './warning-words.ts';

const Line = (props: {
  readonly progress: EpochProgress;
  readonly setup: Setup;
  readonly live: boolean;
}): JSX.Element => {
  const { progress, setup, live } = props;
  const { streamId, epoch, held, head, complete } = progress;
  const name = setup.streamLabels.get(streamId) ?? streamId;
  const epochName = setup.epochNames.get(pairKey(streamId, epoch));
  return (
    <li class="progress-line">
      <span class="progress-name">
        {name} <span class="muted">epoch {epochName === undefined ? epoch : `${epoch}, ${epochName}`}</span>
      </span>
      <span class={complete && live && head > 0 ? 'progress-text is-complete' : 'progress-text'}>
        {progressText(progress)}
      </span>
      <progress
        class={complete ? 'is-complete' : ''}
        max={Math.max(head, 1)}
        value={held}
        aria-label={`${name}, epoch ${epoch}: ${progressText(progress)}`}
      />
    </li>
  );
};

const Summary = (props: { readonly status: PullStatus; readonly lostAt: number | null }): JSX.Element => {
  const { status, lostAt } = props;
  const total = totalOf(status.streams);
  const counts = `${countText(total.held)} of ${countText(total.head)} reads`;
  if (status.connection !== 'live' && status.connection !== 'catching-up') {
    const since = lostAt === null ? '' : ` since ${clockText(lostAt)}`;
    return (
      <Pill tone="warn" hollow>
        {counts} · relay unreachable{since}
      </Pill>
    );
  }
  return total.complete ? <Pill tone="ok">Complete: {counts}</Pill> : <Pill tone="info">{counts}</Pill>;
};

/** What is held of what the relay has, for each epoch that the selection means. */
export const ProgressCard = (props: {
  readonly status: PullStatus;
  readonly setup: Setup;
  readonly lostAt: number | null;
}): JSX.Element => {
  const { status, setup, lostAt } = props;
  const live = status.connection === 'live' || status.connection === 'catching-up';
  const warnings = status.warnings.flatMap((it) => warningText(it, setup) ?? []);
  return (
    <section class="card" aria-labelledby="progress-title">
      <div class="card-head">
        <h2 id="progress-title">Progress</h2>
        {status.streams.length === 0 ? null : <Summary status={status} lostAt={lostAt} />}
      </div>
      {warnings.length === 0 ? null : (
        <div class="card-body stack-tight">
          {warnings.map((text) => (
            <Notice key={text} tone="warn" title={text} />
          ))}
        </div>
      )}
      {status.streams.length === 0 ? (
        <Empty title="Nothing to receive yet">
          {status.selection.mode === 'race'
            ? 'No epoch is assigned to this race. As soon as an operator assigns one, its reads come by themselves.'
            : 'Choose a race, or single streams, above.'}
        </Empty>
      ) : (
        <ul class="plain progress-lines">
          {status.streams.map((progress) => (
            <Line key={pairKey(progress.streamId, progress.epoch)} progress={progress} setup={setup} live={live} />
          ))}
        </ul>
      )}
    </section>
  );
};
