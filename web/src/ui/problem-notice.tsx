import type { JSX } from 'preact';
import type { Live, LiveProblem } from '../platform/live.ts';
import { Notice } from './notice.tsx';
import { dayAndClockText } from './time-text.ts';

const cure = (problem: LiveProblem): string => {
  switch (problem.type) {
    case 'unreachable':
      return 'The relay does not answer. The page keeps trying.';
    case 'unreadable':
      return 'The relay and this page are of different versions. Load the new version when it is offered, or reload.';
    case 'refused':
      return `The relay says: ${problem.message}. The page keeps trying.`;
  }
};

/** Says that something followed is not new, or not there at all; nothing while all is well. */
export const ProblemNotice = (props: { readonly what: string; readonly live: Live<unknown> }): JSX.Element | null => {
  const { what, live } = props;
  if (live.problem === null) return null;
  const title =
    live.confirmedAt === null ? `${what} could not be loaded` : `${what} as of ${dayAndClockText(live.confirmedAt)}`;
  return (
    <Notice tone="warn" title={title}>
      {cure(live.problem)}
    </Notice>
  );
};
