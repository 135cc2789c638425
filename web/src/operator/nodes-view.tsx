import type { NodeBody } from '@baton/schema/http';
import type { JSX } from 'preact';
import { Empty, Loading } from '../ui/notice.tsx';
import { Pill, type Tone } from '../ui/pill.tsx';
import { ProblemNotice } from '../ui/problem-notice.tsx';
import { agoText, dayAndClockText } from '../ui/time-text.ts';
import type { NodesStore } from './nodes-store.ts';

const STATE_TONES: Readonly<Record<NodeBody['state'], Tone>> = {
  registering: 'info',
  online: 'ok',
  degraded: 'warn',
  offline: 'neutral',
  revoked: 'bad',
};

const NodeLine = (props: { readonly node: NodeBody; readonly now: number; readonly timezone: string }): JSX.Element => {
  const { node } = props;
  return (
    <tr>
      <td>
        <span class="mono">{node.nodeId}</span>
        {node.label === null ? null : <div class="small muted">{node.label}</div>}
      </td>
      <td>{node.role}</td>
      <td>
        <Pill tone={STATE_TONES[node.state]}>{node.state}</Pill>
      </td>
      <td class="nowrap">{agoText(node.lastHeartbeatAt, props.now)}</td>
      <td class="nowrap muted col-roomy">{dayAndClockText(node.attachedAt, props.timezone)}</td>
      <td class="number muted col-roomy">{node.clientVersion}</td>
    </tr>
  );
};

/** Forwarders and receivers of the event and how they are. */
export const NodesView = (props: {
  readonly store: NodesStore;
  readonly now: number;
  readonly timezone: string;
}): JSX.Element => {
  const { value, problem } = props.store.nodes.value;
  return (
    <div class="stack">
      <ProblemNotice what="Nodes" live={props.store.nodes.value} />
      {value === null && problem !== null ? null : (
        <section class="card" aria-label="Nodes">
          {value === null ? <Loading label="Loading the nodes" /> : null}
          {value?.length === 0 ? (
            <Empty title="Nothing has attached yet">
              Forwarders and receivers appear here once they connect with a token of this event.
            </Empty>
          ) : null}
          {value === null || value.length === 0 ? null : (
            <div class="table-wrap">
              <table>
                <thead>
                  <tr>
                    <th scope="col">Node</th>
                    <th scope="col">Role</th>
                    <th scope="col">State</th>
                    <th scope="col">Last heard of</th>
                    <th scope="col" class="col-roomy">
                      Attached
                    </th>
                    <th scope="col" class="number col-roomy">
                      Version
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {value.map((node) => (
                    <NodeLine key={node.nodeId} node={node} now={props.now} timezone={props.timezone} />
                  ))}
                </tbody>
              </table>
            </div>
          )}
        </section>
      )}
    </div>
  );
};
