import { StreamId } from '@baton/schema/ids';

export const FORWARDER = 'f1';

/** The readers of the race, with the share of all reads that each gives. */
export const MATS = [
  { reader: 'start', kind: 'start', share: 0.3 },
  { reader: 'bridge', kind: 'split', share: 0.3 },
  { reader: 'finish', kind: 'finish', share: 0.4 },
] as const;

export const streamOf = (reader: string): StreamId => StreamId.parse(`${FORWARDER}.${reader}`);

export const STREAMS: readonly StreamId[] = MATS.map(({ reader }) => streamOf(reader));
export const FINISH = streamOf('finish');
