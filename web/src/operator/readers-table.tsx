import type { NodeBody, NodeReader } from '@baton/schema/http';
import type { JSX } from 'preact';
import { Pill } from '../ui/pill.tsx';
import { agoText, NO_TIME } from '../ui/time-text.ts';

const seconds = (ms: number | null): string => (ms === null ? NO_TIME : `${(ms / 1000).toFixed(1)} s`);

const ReaderLine = (props: {
  readonly nodeId: string;
  readonly reader: NodeReader;
  readonly now: number;
}): JSX.Element => {
  const { reader } = props;
  const lastRead = reader.lastReadAt === null ? NO_TIME : agoText(reader.lastReadAt, props.now);
  return (
    <tr>
      <td>
        {reader.reader}
        <span class="small muted cell-under">
          <span class="mono">{props.nodeId}</span>
          <span class="cell-more"> · last read {lastRead}</span>
        </span>
      </td>
      <td>
        <Pill tone={reader.connected ? 'ok' : 'bad'}>{reader.connected ? 'connected' : 'not connected'}</Pill>
      </td>
      <td class="number">{reader.backlog}</td>
      <td class="nowrap col-roomy">{lastRead}</td>
      <td class="number col-roomy">{reader.linesPerSecond.toFixed(1)}</td>
      <td class="number col-roomy">{reader.unparsable}</td>
      <td class="number col-roomy">{seconds(reader.clockOffsetMs)}</td>
    </tr>
  );
};

/** Readers of every forwarder: their connection, and what has not come here yet. */
export const ReadersTable = (props: {
  readonly nodes: readonly NodeBody[];
  readonly now: number;
}): JSX.Element | null => {
  const rows = props.nodes.flatMap(({ nodeId, readers }) => readers.map((reader) => ({ nodeId, reader })));
  if (rows.length === 0) return null;
  return (
    <section class="card" aria-label="Readers">
      <div class="table-wrap">
        <table>
          <thead>
            <tr>
              <th scope="col">Reader</th>
              <th scope="col">Connection</th>
              <th scope="col" class="number">
                Backlog
              </th>
              <th scope="col" class="col-roomy">
                Last read
              </th>
              <th scope="col" class="number col-roomy">
                Lines/s
              </th>
              <th scope="col" class="number col-roomy">
                Unparsable
              </th>
              <th scope="col" class="number col-roomy">
                Clock
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ nodeId, reader }) => (
              <ReaderLine key={reader.streamId} nodeId={nodeId} reader={reader} now={props.now} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
};
