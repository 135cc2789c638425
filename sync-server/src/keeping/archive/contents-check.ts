import type { ArchiveDefect, ArchiveEntry } from '@baton/schema/archive';
import { err, ok, type Result } from '@baton/schema/result';
import * as Y from 'yjs';
import { toldResultOf } from '../../spectators/external-book.ts';
import { thaw } from '../../spectators/frozen-lists.ts';
import type { EventFact } from '../../storage/records.ts';

/** Facts are stored in one step with the event, so that no official event is ever without its lists. */
const MAX_FACT_BYTES = 256 * 1024 * 1024;

type Checked = Result<void, ArchiveDefect>;
const DONE: Checked = ok(undefined);

const damaged = (message: string): Checked => err({ type: 'damaged', message });

const checkUpdate = (update: Uint8Array): Checked => {
  try {
    Y.decodeUpdate(update);
    return DONE;
  } catch {
    return damaged('one of its documents cannot be read');
  }
};

const checkFacts = (facts: readonly Omit<EventFact, 'eventId'>[], eventId: EventFact['eventId']): Checked => {
  const ofKind = (kind: EventFact['kind']): readonly EventFact[] =>
    facts.filter((it) => it.kind === kind).map((it) => ({ ...it, eventId }));
  try {
    ofKind('external-result').forEach(toldResultOf);
    const [official, rows, starters] = [ofKind('official'), ofKind('official-rows'), ofKind('official-starters')];
    for (const _ of thaw({ official, rows, starters }));
    return DONE;
  } catch {
    return damaged('its results are none that a relay has written');
  }
};

/** What lines hold beyond their form: documents that Yjs reads, and results that a relay has written. Dear: not for the relay's main thread. */
export interface ContentsCheck {
  readonly take: (entry: ArchiveEntry) => Checked;
  /** To be asked behind the last line. */
  readonly end: () => Checked;
}

export const createContentsCheck = (): ContentsCheck => {
  const facts: Omit<EventFact, 'eventId'>[] = [];
  let factBytes = 0;
  let eventId: EventFact['eventId'] | null = null;

  const takeFact = (fact: Omit<EventFact, 'eventId'>): Checked => {
    factBytes += fact.bytes.length;
    if (factBytes > MAX_FACT_BYTES) return damaged(`its results have more than ${MAX_FACT_BYTES} bytes`);
    facts.push(fact);
    return DONE;
  };

  return {
    take: (entry) => {
      if ('head' in entry) eventId = entry.head.eventId;
      if ('doc' in entry) return checkUpdate(entry.doc.update);
      return 'fact' in entry ? takeFact(entry.fact) : DONE;
    },
    end: () => (eventId === null ? DONE : checkFacts(facts, eventId)),
  };
};
