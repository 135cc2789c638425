import { type Author, type Correction, ResultStatus } from '@baton/schema/doc';
import { raceTimeText } from '../../ui/time-text.ts';
import { MANUAL_TIME_EXPECTED, manualTimeText, parseManualTime } from './manual-time.ts';

/** A correction as it stands in the form. */
export interface CorrectionDraft {
  /** Empty: none. */
  readonly status: ResultStatus | '';
  readonly time: string;
  readonly reason: string;
}

export const draftOfCorrection = (correction: Correction | null): CorrectionDraft => ({
  status: correction?.status ?? '',
  time: correction?.manualMs == null ? '' : manualTimeText(correction.manualMs),
  reason: correction?.reason ?? '',
});

export type CheckedCorrection =
  | { readonly type: 'good'; readonly correction: Correction }
  | { readonly type: 'bad'; readonly errors: Readonly<Partial<Record<keyof CorrectionDraft, string>>> };

const MAX_REASON = 500;

/** The correction that a form stands for, signed, or what is expected of it. A reason is needed. */
export const checkCorrection = (draft: CorrectionDraft, { name, at }: Author): CheckedCorrection => {
  const errors: Partial<Record<keyof CorrectionDraft, string>> = {};
  const [time, reason] = [draft.time.trim(), draft.reason.trim()];
  const manualMs = time === '' ? null : parseManualTime(time);
  if (time !== '' && manualMs === null) errors.time = `Expected ${MANUAL_TIME_EXPECTED}.`;
  if (draft.status === '' && time === '') errors.status = 'Choose a status, or give a time that counts.';
  if (reason === '') errors.reason = 'Say why: it is kept with the result.';
  else if (reason.length > MAX_REASON) errors.reason = `Expected at most ${MAX_REASON} characters.`;
  if (Object.keys(errors).length > 0) return { type: 'bad', errors };
  const status = draft.status === '' ? null : ResultStatus.parse(draft.status);
  return { type: 'good', correction: { status, manualMs, reason, author: name.slice(0, 200), at } };
};

/** `DNF`, `1:02:03.4 by hand`, or both. */
export const correctionText = ({ status, manualMs }: Correction): string =>
  [status, manualMs === null ? null : `${raceTimeText(manualMs)} by hand`].filter((it) => it !== null).join(' · ');

/** The same where there is little room. */
export const correctionShort = ({ status, manualMs }: Correction): string =>
  [status, manualMs === null ? null : raceTimeText(manualMs)].filter((it) => it !== null).join(' · ');
