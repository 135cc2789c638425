import { wallMs, wallOf } from '@baton/schema/results';
import type { PositionedRead } from '../replica/replica.ts';

/**
 * Columns of the DBF file that IPICO's own software writes and scoring software of that family reads, all of them text
 * (facts from the public project iwismer/rusty-timer and its sample of such a file).
 */
export const DBF_COLUMNS = [
  /** S start, F any other. */
  { name: 'EVENT', size: 1 },
  { name: 'DIVISION', size: 2 },
  { name: 'CHIP', size: 12 },
  /** HHMMSScc by the reader's clock, cc hundredths. */
  { name: 'TIME', size: 8 },
  { name: 'RUNERNO', size: 5 },
  /** YYMMDD. */
  { name: 'DAYCODE', size: 6 },
  { name: 'LAPNO', size: 3 },
  { name: 'TPOINT', size: 2 },
  /** One digit: which of the streams in this file, from 0; 9 for all beyond. */
  { name: 'READER', size: 1 },
] as const;

export type DbfRecord = Readonly<Record<(typeof DBF_COLUMNS)[number]['name'], string>>;

export interface DbfPlace {
  readonly isStart: boolean;
  /** Of the stream among those of the file, from 0. */
  readonly reader: number;
}

const MOST_READERS = 9;

/** Only digits are wanted of the time, which is a wall time whatever the zone. */
const utc = wallOf('UTC');

/** Null for a line that is no chip's read: such a file has no place for it. */
export const dbfRecord = (read: PositionedRead, { isStart, reader }: DbfPlace): DbfRecord | null => {
  const wall = read.readerTime === null ? null : wallMs(read.readerTime, utc);
  if (wall === null || read.chip === null || read.chip.length > 12) return null;
  const digits = new Date(wall).toISOString().replace(/\D/g, '');
  const point = isStart ? 'S' : 'F';
  return {
    EVENT: point,
    DIVISION: '',
    CHIP: read.chip,
    TIME: digits.slice(8, 16),
    RUNERNO: '',
    DAYCODE: digits.slice(2, 8),
    LAPNO: '',
    TPOINT: point,
    READER: `${Math.min(reader, MOST_READERS)}`,
  };
};
