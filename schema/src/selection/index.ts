export type { Resolution, SelectionWarning, SetupView, StreamView, TargetChange } from './resolver.ts';
export { diffTargets, resolveSelection } from './resolver.ts';
export { NOTHING_SELECTED, Selection, sameSelection } from './selection.ts';
