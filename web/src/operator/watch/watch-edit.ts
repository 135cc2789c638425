import { DEFAULT_WATCH, WATCH_LIMITS, WATCH_SCHEMAS, type WatchSettings } from '@baton/schema/doc';
import { countText } from '../../ui/time-text.ts';
import { durationMs, durationText } from '../rules-edit.ts';

/** A setting that is a number. */
export type NumberSetting = keyof typeof WATCH_LIMITS;

export interface NumberField {
  readonly setting: NumberSetting;
  readonly label: string;
  readonly unit: 's' | 'min' | '%' | 'reads' | 'people';
  readonly meaning: string;
}

/** Something that is watched, as the page shows it. */
export interface Watcher {
  readonly id: 'silence' | 'unknown-chips' | 'clock-offset' | 'finish-webhook';
  readonly title: string;
  readonly on: 'silenceOn' | 'unknownChipsOn' | 'clockOffsetOn' | 'finishWebhookOn';
  readonly meaning: string;
  readonly fields: readonly NumberField[];
}

const READS_MEANING = 'So many of a stream’s newest reads are looked at; with fewer it says nothing.';

export const WATCHERS: readonly Watcher[] = [
  {
    id: 'silence',
    title: 'Silent timing points',
    on: 'silenceOn',
    meaning: 'Nobody is read at a point, though people who passed an earlier one are on their way there.',
    fields: [
      {
        setting: 'silenceQuietMs',
        label: 'Without a read for',
        unit: 'min',
        meaning: 'Longer than the fastest need from one point to the next.',
      },
      {
        setting: 'silenceMinExpected',
        label: 'While at least',
        unit: 'people',
        meaning: 'So many must be expected; a few stragglers raise no alarm.',
      },
    ],
  },
  {
    id: 'unknown-chips',
    title: 'Unknown chips',
    on: 'unknownChipsOn',
    meaning: 'Many reads of a stream are of chips that nobody in the roster has.',
    fields: [
      {
        setting: 'unknownChipsPercent',
        label: 'More than',
        unit: '%',
        meaning: 'Of the reads that are looked at. It ends at half of that.',
      },
      { setting: 'unknownChipsReads', label: 'Of the last', unit: 'reads', meaning: READS_MEANING },
    ],
  },
  {
    id: 'clock-offset',
    title: 'Clocks that are off',
    on: 'clockOffsetOn',
    meaning: 'A reader shows another time than the forwarder beside it, on the wall of the event’s time zone.',
    fields: [
      {
        setting: 'clockOffsetMs',
        label: 'By more than',
        unit: 's',
        meaning: 'In the middle of the reads that are looked at. It ends at half of that.',
      },
      { setting: 'clockOffsetReads', label: 'In the last', unit: 'reads', meaning: READS_MEANING },
    ],
  },
  {
    id: 'finish-webhook',
    title: 'Webhook on finish',
    on: 'finishWebhookOn',
    meaning:
      'Another program is called for each finish of the event, each once, also those of before it was switched on.',
    fields: [],
  },
];

const isDuration = (unit: NumberField['unit']): unit is 's' | 'min' => unit === 's' || unit === 'min';

export const numberText = (value: number, { unit }: NumberField): string =>
  isDuration(unit) ? durationText(value, unit) : String(value);

/** What was typed; null when it is no such number, or one that the setting cannot have. */
export const parseNumber = (text: string, { setting, unit }: NumberField): number | null => {
  const typed = text.trim();
  const value = isDuration(unit) ? durationMs(typed, unit) : /^\d{1,6}$/.test(typed) ? Number(typed) : null;
  return WATCH_SCHEMAS[setting].safeParse(value).data ?? null;
};

export const numberExpected = (field: NumberField): string => {
  const { min, max } = WATCH_LIMITS[field.setting];
  const [low, high] = [min, max].map((it) => (isDuration(field.unit) ? numberText(it, field) : countText(it)));
  const what = { s: 'seconds', min: 'minutes', '%': 'per cent', reads: 'reads', people: 'people' }[field.unit];
  return `expected ${what} from ${low} to ${high}`;
};

export const numberHint = (field: NumberField): string =>
  `${field.meaning} Default: ${numberText(DEFAULT_WATCH[field.setting], field)} ${field.unit}.`;

/** An address that a webhook can have, or none; null when it is neither. */
export const parseAddress = (text: string): string | null =>
  WATCH_SCHEMAS.finishWebhookUrl.safeParse(text).data ?? null;

/** What is switched on and cannot do anything. */
export const missingFor = (watcher: Watcher, settings: WatchSettings): string | null =>
  watcher.id === 'finish-webhook' && settings.finishWebhookOn && settings.finishWebhookUrl === ''
    ? 'There is no address yet: finishes wait.'
    : null;
