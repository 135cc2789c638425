import type { Setup } from '@baton/schema/doc';
import type { JSX } from 'preact';
import { Empty } from '../ui/notice.tsx';
import { clockText, countText, NO_TIME, plural } from '../ui/time-text.ts';
import { TAIL_ROWS, type TailRead } from './tail-store.ts';

const rawText = (raw: Uint8Array): string => new TextDecoder('latin1').decode(raw);

/** The day is the same all day: only the time of the reader's clock is shown. */
const readerClock = (readerTime: string | null): string => readerTime?.slice(11) ?? NO_TIME;

const ReadLine = (props: { readonly read: TailRead; readonly setup: Setup }): JSX.Element => {
  const { read, setup } = props;
  return (
    <tr>
      <td class="mono nowrap">{readerClock(read.readerTime)}</td>
      <td class="mono">{read.chip ?? <span class="muted">{rawText(read.raw)}</span>}</td>
      <td>{setup.streamLabels.get(read.streamId) ?? read.streamId}</td>
      <td class="number muted">
        {read.epoch}/{countText(read.seq)}
      </td>
      <td class="muted col-roomy">{read.kind}</td>
      <td class="number muted col-roomy">{clockText(read.receivedAt)}</td>
    </tr>
  );
};

/** The newest reads, newest first. */
export const ReadsTable = (props: {
  readonly reads: readonly TailRead[];
  readonly stored: number;
  readonly setup: Setup;
}): JSX.Element => (
  <section class="card" aria-labelledby="reads-title">
    <div class="card-head">
      <h2 id="reads-title">Reads</h2>
      <span class="small muted">
        {props.stored > TAIL_ROWS
          ? `newest ${TAIL_ROWS} of ${plural(props.stored, 'read')}`
          : plural(props.stored, 'read')}
      </span>
    </div>
    {props.reads.length === 0 ? (
      <Empty title="No reads yet">They appear here the moment they arrive.</Empty>
    ) : (
      <div class="table-wrap reads">
        <table>
          <thead>
            <tr>
              <th scope="col">Reader time</th>
              <th scope="col">Chip</th>
              <th scope="col">Stream</th>
              <th scope="col" class="number">
                Epoch/no.
              </th>
              <th scope="col" class="col-roomy">
                Kind
              </th>
              <th scope="col" class="number col-roomy">
                Received
              </th>
            </tr>
          </thead>
          <tbody>
            {props.reads.map((read) => (
              <ReadLine key={read.pos} read={read} setup={props.setup} />
            ))}
          </tbody>
        </table>
      </div>
    )}
  </section>
);
