import type { DocName } from '@baton/schema/doc';
import { type Refusal, refusal } from '@baton/schema/errors';
import type { NodeId } from '@baton/schema/ids';
import type { EventRecord, Role } from '../storage/records.ts';
import type { Grant } from './grant.ts';

/** Somebody with a token, or nobody in particular. */
export type Actor = Role | 'anyone';

/**
 * - `always`: in every event
 * - `event`: in the actor's own event
 * - `node`: in the actor's own event, for what belongs to the actor's own node
 * - `published`: in the actor's own event, and in any that is no draft
 * - `never`
 */
export type Rule = 'always' | 'event' | 'node' | 'published' | 'never';

type Rules = Readonly<Record<Actor, Rule>>;

const rules = (
  admin: Rule,
  operator: Rule,
  receiver: Rule,
  forwarder: Rule,
  viewer: Rule,
  anyone: Rule = 'never',
): Rules => ({ admin, operator, receiver, forwarder, viewer, anyone });

const PUBLIC: Rules = rules('always', 'published', 'published', 'published', 'published', 'published');
const MEMBERS: Rules = rules('always', 'event', 'event', 'event', 'event');
const OPERATORS: Rules = rules('always', 'event', 'never', 'never', 'never');

/** Who may do what. Total: an action or a role that is added must be decided here. */
export const POLICY = {
  'event.create': rules('always', 'never', 'never', 'never', 'never'),
  'event.delete': rules('always', 'never', 'never', 'never', 'never'),
  /** The event, its races and start lists, its results. */
  'event.read': PUBLIC,
  'event.edit': OPERATORS,
  'token.manage': OPERATORS,
  'race.edit': OPERATORS,
  'setup.read': MEMBERS,
  'setup.write': OPERATORS,
  'roster.read': rules('always', 'event', 'event', 'never', 'never'),
  'roster.write': OPERATORS,
  /** What another timing system says of races, people and results. */
  'ingest.write': OPERATORS,
  /** What would become of official results if they were made again. */
  'official.review': OPERATORS,
  'selection.read': rules('always', 'event', 'node', 'never', 'never'),
  'selection.write': rules('always', 'event', 'node', 'never', 'never'),
  /** Streams, epochs and counts, without a line of what was read. */
  'stream.read': MEMBERS,
  'stream.edit': OPERATORS,
  /** Attaching a node, and what it says of itself. */
  'node.attach': rules('always', 'event', 'node', 'node', 'never'),
  'node.read': MEMBERS,
  'node.revoke': OPERATORS,
  /** Reads themselves: chips and times. A forwarder sees its own. */
  'reads.read': rules('always', 'event', 'event', 'node', 'event'),
  'reads.push': rules('never', 'never', 'never', 'node', 'never'),
  /** What one's own token allows. */
  'self.read': rules('always', 'always', 'always', 'always', 'always'),
  /** An event as a file, with raw reads and the roster, out of the relay and in again. */
  'event.archive': rules('always', 'never', 'never', 'never', 'never'),
  /** Everything the relay has, in one file. */
  'relay.backup': rules('always', 'never', 'never', 'never', 'never'),
  'relay.ping': rules('always', 'always', 'always', 'always', 'always', 'always'),
  /** How the relay does: events, storage, connections. */
  'relay.read': rules('always', 'never', 'never', 'never', 'never'),
  'relay.metrics': rules('always', 'never', 'never', 'never', 'never'),
} as const satisfies Readonly<Record<string, Rules>>;

export type Action = keyof typeof POLICY;

/** What an action is about. */
export interface Subject {
  /** Undefined: there is no such event. Null: the relay as a whole. */
  readonly event: Pick<EventRecord, 'eventId' | 'status'> | null | undefined;
  /** The node whose thing it is, where there is one. */
  readonly nodeId?: NodeId | null;
}

/** `unauthorized`: a token might help. `hidden`: to this actor there is no such thing. */
export type Decision = 'allowed' | 'forbidden' | 'hidden' | 'unauthorized';

/** Any status but draft. */
export const isPublished = (event: Pick<EventRecord, 'status'>): boolean => event.status !== 'draft';

export const actorOf = (grant: Grant | null): Actor => grant?.role ?? 'anyone';

/** Whether the actor may know that the event exists. */
const isVisible = (grant: Grant | null, event: Pick<EventRecord, 'eventId' | 'status'>): boolean =>
  grant?.role === 'admin' || isPublished(event) || (grant !== null && grant.eventId === event.eventId);

const holds = (rule: Rule, grant: Grant | null, subject: Subject): boolean => {
  const own = grant !== null && subject.event != null && grant.eventId === subject.event.eventId;
  switch (rule) {
    case 'always':
      return true;
    case 'event':
      return own;
    case 'node':
      return own && grant.nodeId !== null && grant.nodeId === subject.nodeId;
    case 'published':
      return own || (subject.event != null && isPublished(subject.event));
    case 'never':
      return false;
  }
};

/**
 * Whether an actor may do something. Nobody without a token learns whether an event exists, unless
 * it is published; nobody with a token of another event learns of a draft.
 */
export const decide = (grant: Grant | null, action: Action, subject: Subject): Decision => {
  const rule = POLICY[action][actorOf(grant)];
  if (grant === null && rule === 'never') return 'unauthorized';
  if (subject.event === undefined) return 'hidden';
  if (subject.event !== null && !isVisible(grant, subject.event)) return 'hidden';
  return holds(rule, grant, subject) ? 'allowed' : 'forbidden';
};

/** Whether some subject could exist for which the action is allowed: asked before a body is read. */
export const mayEver = (grant: Grant | null, action: Action): Decision => {
  if (POLICY[action][actorOf(grant)] !== 'never') return 'allowed';
  return grant === null ? 'unauthorized' : 'forbidden';
};

/** A decision as the peer is told; null when allowed. Hidden and unknown are one and the same answer. */
export const refusalOf = (decision: Decision): Refusal | null => {
  switch (decision) {
    case 'allowed':
      return null;
    case 'forbidden':
      return refusal('FORBIDDEN', 'this token does not allow that');
    case 'hidden':
      return refusal('NOT_FOUND', 'there is no such thing here');
    case 'unauthorized':
      return refusal('UNAUTHORIZED', 'a valid token is required: Authorization: Bearer <token>');
  }
};

const DOC_ACTIONS = {
  setup: { read: 'setup.read', write: 'setup.write' },
  roster: { read: 'roster.read', write: 'roster.write' },
  receiver: { read: 'selection.read', write: 'selection.write' },
} as const satisfies Readonly<Record<DocName['type'], { read: Action; write: Action }>>;

/** What a grant may do with a document: the writer may read, too. */
export const decideDoc = (
  grant: Grant,
  name: DocName,
  event: Subject['event'],
): { readonly read: Decision; readonly write: Decision } => {
  const subject: Subject = name.type === 'receiver' ? { event, nodeId: name.nodeId } : { event };
  const actions = DOC_ACTIONS[name.type];
  return { read: decide(grant, actions.read, subject), write: decide(grant, actions.write, subject) };
};
