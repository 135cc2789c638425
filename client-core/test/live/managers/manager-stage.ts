import { EMPTY_ROSTER, type Participant, type Roster, type Setup } from '@baton/schema/doc';
import type { StreamId } from '@baton/schema/ids';
import { decodeCheckpoint, encodeCheckpoint } from '../../../src/live/checkpoint.ts';
import type { Command, LiveItem, ProcessManager, ReadItem, SetupItem, TickItem } from '../../../src/live/consumer.ts';
import type { WatchedEvent } from '../../../src/live/managers/course.ts';
import { chipOf, EVENT } from '../../replica/race-stage.ts';

export const FACTS: WatchedEvent = { eventId: EVENT.eventId, timezone: EVENT.timezone, date: EVENT.date };

/** 2026-03-06T10:00 in Paris, when both races start: as an instant, and on the wall. */
export const GUN = Date.UTC(2026, 2, 6, 9);
export const GUN_WALL = Date.UTC(2026, 2, 6, 10);

export const rosterOf = (runners: readonly Participant[], more: Partial<Roster> = {}): Roster => ({
  ...EMPTY_ROSTER,
  participants: new Map(runners.map((it) => [it.participantId, it])),
  chips: new Map(runners.map((it) => [chipOf(it.bib), it.participantId])),
  ...more,
});

export const setupItem = (setup: Setup, roster: Roster): SetupItem => ({ type: 'setup', setup, roster });

export const tick = (seconds: number): TickItem => ({ type: 'tick', now: GUN + seconds * 1000 });

/** Reads of a chip, `seconds` after the gun by the reader's wall; numbered by stream and epoch. */
export const createReads = () => {
  const heads = new Map<string, number>();
  return (streamId: StreamId, chip: string | null, seconds: number, more: Partial<ReadItem> = {}): ReadItem => {
    const epoch = more.epoch ?? 1;
    const seq = (heads.get(`${streamId}/${epoch}`) ?? 0) + 1;
    heads.set(`${streamId}/${epoch}`, seq);
    return {
      type: 'read',
      streamId,
      epoch,
      seq,
      raw: new Uint8Array(),
      receivedAt: GUN + seconds * 1000,
      readerTime: new Date(GUN_WALL + seconds * 1000).toISOString().slice(0, -1),
      chip,
      kind: 'FS',
      ...more,
    };
  };
};

/** Whoever changes it throws. */
const frozen = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value) && !(value instanceof Uint8Array)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) frozen(inner);
  }
  return value;
};

/** A manager that is fed item by item; its state is frozen, and may go through a checkpoint. */
export const drive = <S>(manager: ProcessManager<S>) => {
  let state = frozen(manager.initial());
  let documents: SetupItem | null = null;
  const commands: Command[] = [];

  const take = (item: LiveItem | TickItem): readonly Command[] => {
    if (item.type === 'setup') documents = item;
    const reaction = manager.react(state, item);
    state = frozen(reaction.state);
    commands.push(...reaction.commands);
    return reaction.commands;
  };

  return {
    take,
    takeAll: (items: readonly (LiveItem | TickItem)[]) => items.flatMap((item) => take(item)),
    commands,
    state: () => state,
    /** As after a restart: from the checkpoint's text, then the documents again. */
    restart: () => {
      const text = encodeCheckpoint(manager, { state, clock: new Map() });
      const decoded = decodeCheckpoint(manager, text);
      if (!decoded.ok) throw new Error(decoded.error.message);
      state = frozen(decoded.value.state);
      if (documents !== null) take(documents);
      return text;
    },
  };
};
