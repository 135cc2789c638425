import type { EventBody, NodeBody } from '@baton/schema/http';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Announcer } from '../platform/announcer-store.ts';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { Empty, Loading, Notice } from '../ui/notice.tsx';
import { Pill, type Tone } from '../ui/pill.tsx';
import { ProblemNotice } from '../ui/problem-notice.tsx';
import { agoText, dayAndClockText } from '../ui/time-text.ts';
import type { Commands } from './commands.ts';
import type { EventsStore } from './events-store.ts';
import { FloorCard } from './floor-card.tsx';
import { type NodeAlarm, nodeAlarms } from './node-alarms.ts';
import { ReadersTable } from './readers-table.tsx';
import type { Workspace } from './workspace-store.ts';

const STATE_TONES: Readonly<Record<NodeBody['state'], Tone>> = {
  registering: 'info',
  online: 'ok',
  degraded: 'warn',
  offline: 'neutral',
  revoked: 'bad',
};

const NodeLine = (props: {
  readonly node: NodeBody;
  readonly now: number;
  readonly timezone: string;
  readonly onRevoke: () => void;
}): JSX.Element => {
  const { node } = props;
  return (
    <tr>
      <td>
        <span class="mono">{node.nodeId}</span>
        <span class="small muted cell-under">
          {node.label === null || node.label === node.nodeId ? null : <span>{node.label} </span>}
          <span class="cell-more">
            {node.role} · version {node.clientVersion} · {agoText(node.lastHeartbeatAt, props.now)}
          </span>
        </span>
      </td>
      <td class="col-roomy">{node.role}</td>
      <td>
        <Pill tone={STATE_TONES[node.state]}>{node.detached ? 'left' : node.state}</Pill>
        {node.readOnly ? <span class="small muted"> read only</span> : null}
      </td>
      <td class="nowrap col-roomy">{agoText(node.lastHeartbeatAt, props.now)}</td>
      <td class="nowrap muted col-wide">{dayAndClockText(node.attachedAt, props.timezone)}</td>
      <td class="number col-roomy">{node.clientVersion}</td>
      <td class="small muted col-wide">{Object.keys(node.capabilities).join(', ')}</td>
      <td class="number">
        {node.state === 'revoked' ? null : (
          <button type="button" class="button button-small" onClick={props.onRevoke}>
            Revoke…
          </button>
        )}
      </td>
    </tr>
  );
};

const NodesTable = (props: {
  readonly nodes: readonly NodeBody[];
  readonly now: number;
  readonly timezone: string;
  readonly onRevoke: (node: NodeBody) => void;
}): JSX.Element => (
  <div class="table-wrap">
    <table>
      <thead>
        <tr>
          <th scope="col">Node</th>
          <th scope="col" class="col-roomy">
            Role
          </th>
          <th scope="col">State</th>
          <th scope="col" class="col-roomy">
            Last heard of
          </th>
          <th scope="col" class="col-wide">
            Attached
          </th>
          <th scope="col" class="number col-roomy">
            Version
          </th>
          <th scope="col" class="col-wide">
            Can do
          </th>
          <th scope="col">
            <span class="visually-hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {props.nodes.map((node) => (
          <NodeLine key={node.nodeId} {...props} node={node} onRevoke={() => props.onRevoke(node)} />
        ))}
      </tbody>
    </table>
  </div>
);

const Alarms = (props: { readonly alarms: readonly NodeAlarm[] }): JSX.Element | null => {
  const [worst] = props.alarms;
  if (worst === undefined) return null;
  return (
    <Notice tone={worst.tone} title="Look at these nodes">
      {props.alarms.map((it) => (
        <span key={`${it.type} ${it.nodeId}`} class="alarm-line">
          {it.text}
          <br />
        </span>
      ))}
    </Notice>
  );
};

const RevokeDialog = (props: {
  readonly node: NodeBody;
  readonly busy: boolean;
  readonly onConfirm: () => void;
  readonly onCancel: () => void;
}): JSX.Element => (
  <ConfirmDialog title={`Revoke ${props.node.nodeId}?`} confirmLabel="Revoke for good" danger {...props}>
    <p>
      It is shut out of this event at once and cannot come back under this id. What it has sent stays. If the device was
      stolen, delete its token under Access, too.
    </p>
  </ConfirmDialog>
);

const NodesCard = (props: {
  readonly workspace: Workspace;
  readonly now: number;
  readonly timezone: string;
  readonly onRevoke: (node: NodeBody) => void;
}): JSX.Element | null => {
  const { value, problem } = props.workspace.nodes.nodes.value;
  if (value === null) {
    return problem !== null ? null : (
      <section class="card" aria-label="Nodes">
        <Loading label="Loading the nodes" />
      </section>
    );
  }
  return (
    <section class="card" aria-label="Nodes">
      {value.length === 0 ? (
        <Empty title="Nothing has attached yet">
          Forwarders and receivers appear here once they connect with a token of this event.
        </Empty>
      ) : (
        <NodesTable {...props} nodes={value} />
      )}
    </section>
  );
};

/** Forwarders and receivers of the event: how they are, what they may do, and the way to shut one out. */
export const NodesView = (props: {
  readonly workspace: Workspace;
  readonly event: EventBody | null;
  readonly events: EventsStore;
  readonly commands: Commands;
  readonly announcer: Announcer;
  readonly now: number;
  readonly timezone: string;
}): JSX.Element => {
  const { workspace, event, events, commands, announcer, now } = props;
  const { nodes, backlogs, refresh } = workspace.nodes;
  const asked = useSignal<NodeBody | null>(null);
  const busy = useSignal(false);
  const rows = nodes.value.value ?? [];
  const revoke = async ({ nodeId }: NodeBody): Promise<void> => {
    busy.value = true;
    const outcome = await commands.revokeNode(workspace.eventId, nodeId);
    busy.value = false;
    asked.value = null;
    refresh();
    if (outcome.type === 'done') announcer.say(`${nodeId} is revoked.`);
    else announcer.fail(`${nodeId} was not revoked: ${outcome.message}`);
  };
  return (
    <div class="stack">
      <ProblemNotice what="Nodes" live={nodes.value} />
      <Alarms alarms={nodeAlarms(rows, backlogs.value, now)} />
      <NodesCard
        {...props}
        onRevoke={(node) => {
          asked.value = node;
        }}
      />
      <ReadersTable nodes={rows} now={now} />
      {event === null ? null : <FloorCard {...props} event={event} onChanged={events.refresh} />}
      {asked.value === null ? null : (
        <RevokeDialog
          node={asked.value}
          busy={busy.value}
          onConfirm={() => asked.value !== null && void revoke(asked.value)}
          onCancel={() => {
            asked.value = null;
          }}
        />
      )}
    </div>
  );
};
