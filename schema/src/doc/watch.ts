import { z } from 'zod';

const MINUTE_MS = 60_000;

/** Between which bounds each number may be. */
export const WATCH_LIMITS = {
  silenceQuietMs: { min: 1000, max: 6 * 60 * MINUTE_MS },
  silenceMinExpected: { min: 1, max: 100_000 },
  unknownChipsPercent: { min: 1, max: 100 },
  unknownChipsReads: { min: 5, max: 1000 },
  clockOffsetMs: { min: 100, max: 24 * 60 * MINUTE_MS },
  clockOffsetReads: { min: 3, max: 1000 },
} as const;

const whole = ({ min, max }: { readonly min: number; readonly max: number }) => z.int().min(min).max(max);

export const MAX_WEBHOOK_URL = 2000;

/** A web address that may be called: http or https, without a name and password, which would be no secret here. */
export const isWebAddress = (text: string): boolean => {
  if (text.length > MAX_WEBHOOK_URL || !URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return (protocol === 'http:' || protocol === 'https:') && username === '' && password === '';
};

/** What `baton watch` looks after. Each setting is an entry of its own, so that two operators can set two of them at once. */
export const WATCH_SCHEMAS = {
  /** Nobody is read at a timing point though people are expected there. */
  silenceOn: z.boolean(),
  /** For how long. */
  silenceQuietMs: whole(WATCH_LIMITS.silenceQuietMs),
  /** Fewer than so many on their way are not missed. */
  silenceMinExpected: whole(WATCH_LIMITS.silenceMinExpected),
  /** Too many chips of a stream belong to nobody. */
  unknownChipsOn: z.boolean(),
  /** More than so many of a hundred reads. */
  unknownChipsPercent: whole(WATCH_LIMITS.unknownChipsPercent),
  /** Of so many newest reads. */
  unknownChipsReads: whole(WATCH_LIMITS.unknownChipsReads),
  /** A reader's clock is off. */
  clockOffsetOn: z.boolean(),
  /** By more than this, in the median. */
  clockOffsetMs: whole(WATCH_LIMITS.clockOffsetMs),
  /** Of so many newest reads. */
  clockOffsetReads: whole(WATCH_LIMITS.clockOffsetReads),
  /** Another program is called for each finish. */
  finishWebhookOn: z.boolean(),
  /** Its address; empty: none yet. */
  finishWebhookUrl: z
    .string()
    .trim()
    .refine(
      (url) => url === '' || isWebAddress(url),
      'expected an address with http:// or https://, without a password',
    ),
} as const;

export interface WatchSettings {
  readonly silenceOn: boolean;
  readonly silenceQuietMs: number;
  readonly silenceMinExpected: number;
  readonly unknownChipsOn: boolean;
  readonly unknownChipsPercent: number;
  readonly unknownChipsReads: number;
  readonly clockOffsetOn: boolean;
  readonly clockOffsetMs: number;
  readonly clockOffsetReads: number;
  readonly finishWebhookOn: boolean;
  readonly finishWebhookUrl: string;
}

export const DEFAULT_WATCH: WatchSettings = {
  silenceOn: false,
  silenceQuietMs: 10 * MINUTE_MS,
  silenceMinExpected: 10,
  unknownChipsOn: false,
  unknownChipsPercent: 20,
  unknownChipsReads: 100,
  clockOffsetOn: false,
  clockOffsetMs: 10_000,
  clockOffsetReads: 20,
  finishWebhookOn: false,
  finishWebhookUrl: '',
};

/** Some settings to change, the others stay. */
export const WatchPatch = z.object(WATCH_SCHEMAS).partial();
export type WatchPatch = z.infer<typeof WatchPatch>;
