import type { PullStatus } from '@baton/client-core';
import type { Setup } from '@baton/schema/doc';
import { pairKey } from '@baton/schema/reads';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { CommandButton } from '../ui/command-button.tsx';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { Empty, Notice } from '../ui/notice.tsx';
import { Pill, type Tone } from '../ui/pill.tsx';
import { countText, plural } from '../ui/time-text.ts';
import type { ReceiverDesk } from './desk.ts';
import { checkWord, completenessWord, type EpochLine, epochLines, progressText, totalOf } from './progress-words.ts';
import { warningText } from './warning-words.ts';

const epochText = (setup: Setup, { streamId, epoch }: EpochLine): string => {
  const name = setup.epochNames.get(pairKey(streamId, epoch));
  return `epoch ${name === undefined ? epoch : `${epoch}, ${name}`}`;
};

const streamText = (setup: Setup, { streamId }: EpochLine): string => setup.streamLabels.get(streamId) ?? streamId;

const Line = (props: {
  readonly line: EpochLine;
  readonly setup: Setup;
  readonly live: boolean;
  readonly onRepair: (line: EpochLine) => void;
}): JSX.Element => {
  const { line, setup, live } = props;
  const { held, head, complete, check } = line;
  const name = streamText(setup, line);
  const word = checkWord(check);
  const isDone = complete && head > 0 && check !== 'mismatch';
  return (
    <li class="progress-line" data-check={check}>
      <span class="progress-name">
        {name} <span class="muted">{epochText(setup, line)}</span>
      </span>
      <span class={isDone && live && line.isSelected ? 'progress-text is-complete' : 'progress-text'}>
        {progressText(line)}
      </span>
      <progress
        class={isDone ? 'is-complete' : ''}
        max={Math.max(head, 1)}
        value={held}
        aria-label={`${name}, epoch ${line.epoch}: ${progressText(line)}`}
      />
      {word === null && line.isSelected && line.repairs === 0 ? null : (
        <span class="progress-more row small muted">
          {word === null ? null : <Pill tone={word.tone}>{word.word}</Pill>}
          {check === 'match' ? 'sealed; count and hash are the relay’s' : null}
          {check === 'checking' ? 'sealed; being compared with the relay’s hash' : null}
          {check === 'mismatch' ? 'What is held here is not what the relay sealed.' : null}
          {line.repairs === 0 ? null : ` Pulled again ${plural(line.repairs, 'time')}.`}
          {line.isSelected ? null : 'Left from an earlier selection; it no longer follows.'}
          {check === 'mismatch' ? (
            <CommandButton
              class="button button-small"
              label={`Repair ${name}, epoch ${line.epoch}`}
              blocked={repairBlocked(line, live)}
              onClick={() => props.onRepair(line)}
            >
              Repair…
            </CommandButton>
          ) : null}
        </span>
      )}
    </li>
  );
};

const repairBlocked = (line: EpochLine, live: boolean): string | null => {
  if (!line.isSelected) return 'Select the stream or its race first: only what is selected is pulled.';
  return live ? null : 'There is no relay to pull it from; what is held stays until there is.';
};

const RepairQuestion = (props: {
  readonly line: EpochLine;
  readonly setup: Setup;
  readonly onConfirm: () => void;
  readonly onCancel: () => void;
}): JSX.Element => (
  <ConfirmDialog
    title={`Pull ${streamText(props.setup, props.line)}, ${epochText(props.setup, props.line)} again?`}
    confirmLabel="Drop and pull again"
    onConfirm={props.onConfirm}
    onCancel={props.onCancel}
  >
    <p>
      The {plural(props.line.held, 'read')} of this epoch on this device are dropped and fetched from the relay. Until
      they are back, results lack them.
    </p>
  </ConfirmDialog>
);

const Summary = (props: { readonly status: PullStatus; readonly lostAt: number | null }): JSX.Element | null => {
  const { status, lostAt } = props;
  const { held, head } = totalOf(status.streams);
  const word = completenessWord(status, lostAt);
  const counts = `${countText(held)} of ${countText(head)} reads`;
  return word === null ? (
    <Pill tone="info">{counts}</Pill>
  ) : (
    <Pill tone={word.tone} hollow={word.tone === 'warn'}>
      {word.tone === 'ok' ? `${word.word}: ${counts}` : `${counts} · ${word.word.toLowerCase()}`}
    </Pill>
  );
};

const NothingYet = (props: { readonly status: PullStatus }): JSX.Element => (
  <Empty title="Nothing to receive yet">
    {props.status.selection.mode === 'race'
      ? 'No epoch is assigned to this race. As soon as an operator assigns one, its reads come by themselves.'
      : 'Choose a race, or single streams, above.'}
  </Empty>
);

/** What is held of what the relay has, for each epoch; whether it is the relay's, and the repair where it is not. */
export const ProgressCard = (props: { readonly desk: ReceiverDesk; readonly status: PullStatus }): JSX.Element => {
  const { desk, status } = props;
  const asked = useSignal<EpochLine | null>(null);
  const setup = desk.setup.setup.value;
  const live = status.connection === 'live' || status.connection === 'catching-up';
  const lines = epochLines(desk.held.progress.value, status);
  const warnings = status.warnings.flatMap((it): readonly { readonly tone: Tone; readonly text: string }[] => {
    const text = warningText(it, setup);
    return text === null ? [] : [{ tone: it.type === 'mismatch' ? 'bad' : 'warn', text }];
  });
  const problem = desk.pull.repairProblem.value;
  return (
    <section class="card" aria-labelledby="progress-title">
      <div class="card-head">
        <h2 id="progress-title">Progress</h2>
        {status.streams.length === 0 ? null : <Summary status={status} lostAt={desk.pull.lostAt.value} />}
      </div>
      {warnings.length === 0 && problem === null ? null : (
        <div class="card-body stack-tight">
          {warnings.map(({ tone, text }) => (
            <Notice key={text} tone={tone} title={text} />
          ))}
          {problem === null ? null : <Notice tone="warn" title={`Not repaired: ${problem}`} />}
        </div>
      )}
      {status.streams.length === 0 ? <NothingYet status={status} /> : null}
      {lines.length === 0 ? null : (
        <ul class="plain progress-lines">
          {lines.map((line) => (
            <Line
              key={pairKey(line.streamId, line.epoch)}
              line={line}
              setup={setup}
              live={live}
              onRepair={(it) => {
                asked.value = it;
              }}
            />
          ))}
        </ul>
      )}
      {asked.value === null ? null : (
        <RepairQuestion
          line={asked.value}
          setup={setup}
          onConfirm={() => {
            if (asked.value !== null) desk.repair(asked.value);
            asked.value = null;
          }}
          onCancel={() => {
            asked.value = null;
          }}
        />
      )}
    </section>
  );
};
