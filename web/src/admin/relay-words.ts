import type { RelayBody, RelayEvent } from '@baton/schema/http';
import type { Tone } from '../ui/pill.tsx';
import { sizeText } from '../ui/size-text.ts';
import { agoText, countText } from '../ui/time-text.ts';

/** Roles in the order in which reads travel. */
const ROLES = ['forwarder', 'receiver', 'operator', 'viewer', 'spectator', 'admin'] as const;

const ROLE_NAMES: Readonly<Record<string, string>> = {
  forwarder: 'Forwarders',
  receiver: 'Receivers',
  operator: 'Operators',
  viewer: 'Viewers',
  spectator: 'Spectators',
  admin: 'Admins',
};

/** Connections by role: those that the page knows in their order, whether or not there are any; then whatever else. */
export const roleCounts = (
  roles: RelayBody['connections']['roles'],
): readonly { readonly role: string; readonly name: string; readonly count: number }[] => {
  const known: readonly string[] = ROLES;
  const others = Object.keys(roles).filter((role) => !known.includes(role));
  return [...known, ...others].map((role) => ({ role, name: ROLE_NAMES[role] ?? role, count: roles[role] ?? 0 }));
};

/** Reads a second between two answers; null where that cannot be said. */
export const readRate = (before: RelayBody | null, after: RelayBody | null): number | null => {
  if (before === null || after === null || after.startedAt !== before.startedAt) return null;
  const seconds = (after.now - before.now) / 1000;
  if (seconds <= 0) return null;
  return Math.max(0, after.storage.reads - before.storage.reads) / seconds;
};

export const rateText = (rate: number | null): string => {
  if (rate === null) return '—';
  return rate > 0 && rate < 10 ? `${rate.toFixed(1)} a second` : `${countText(Math.round(rate))} a second`;
};

/** `3 days`, `4 h 5 min`, `12 min`, `40 s`. */
export const durationText = (ms: number): string => {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`;
};

/** Milliseconds for people: a delay of the relay itself. */
export const lagText = (ms: number | null): string => {
  if (ms === null) return 'not known';
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
};

/** Beyond this a relay is slow to everybody. */
const LATE_MS = 250;

export const lagTone = (ms: number | null): Tone => (ms !== null && ms > LATE_MS ? 'warn' : 'neutral');

/** Older than this is worth a word, once there is something to lose. */
const OLD_BACKUP_MS = 24 * 3_600_000;

export interface Word {
  readonly tone: Tone;
  readonly text: string;
  /** What it is to be understood by; null: nothing more. */
  readonly under: string | null;
}

export const backupWord = ({ lastBackupAt, reads }: RelayBody['storage'], now: number): Word => {
  if (lastBackupAt === null)
    return { tone: reads > 0 ? 'warn' : 'neutral', text: 'none', under: 'that this relay knows of' };
  const isOld = now - lastBackupAt > OLD_BACKUP_MS;
  return { tone: isOld ? 'warn' : 'ok', text: agoText(lastBackupAt, now), under: null };
};

const LOW_PART = 0.1;
const LOW_BYTES = 1e9;

/** Little room: less than a tenth of the disk, and less than a gigabyte. */
export const isDiskLow = ({ freeBytes, diskBytes }: RelayBody['storage']): boolean =>
  freeBytes !== null && diskBytes !== null && freeBytes < LOW_BYTES && freeBytes < LOW_PART * diskBytes;

/** What an event holds of the disk, and whether that is all it may: its reads wait then. */
export const eventDiskWord = (
  { diskBytes }: Pick<RelayEvent, 'diskBytes'>,
  { eventDiskLimit }: Pick<RelayBody['storage'], 'eventDiskLimit'>,
): Word =>
  diskBytes >= eventDiskLimit
    ? {
        tone: 'bad',
        text: sizeText(diskBytes),
        under: `its limit of ${sizeText(eventDiskLimit)} is reached: reads wait`,
      }
    : { tone: 'neutral', text: sizeText(diskBytes), under: null };

export const waitingText = ({ waitingWrites, stillMs }: RelayBody['storage']): string => {
  if (waitingWrites === 0) return 'none';
  return stillMs < 1000 ? countText(waitingWrites) : `${countText(waitingWrites)}, since ${durationText(stillMs)}`;
};
