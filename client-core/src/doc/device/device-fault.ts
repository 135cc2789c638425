import type { DeviceFault } from '../local-copy.ts';

const TYPES: Readonly<Record<string, DeviceFault['type']>> = {
  QuotaExceededError: 'quota',
  SecurityError: 'refused',
  NotSupportedError: 'refused',
  VersionError: 'superseded',
  /** The connection ended under a transaction. */
  InvalidStateError: 'evicted',
  NotFoundError: 'evicted',
};

/** What a browser's storage said, by the names of IndexedDB's exceptions. Anything that is no such exception is a bug. */
export const faultOf = (error: unknown): DeviceFault => {
  if (!(error instanceof DOMException)) throw error;
  return { type: TYPES[error.name] ?? 'failed', message: `${error.name}: ${error.message}`.slice(0, 200) };
};

/** Some browsers say it when opening: no storage for this page at all. */
export const openingFaultOf = (error: unknown): DeviceFault => {
  if (error instanceof TypeError || error instanceof ReferenceError) {
    return { type: 'refused', message: 'this browser has no IndexedDB for the page' };
  }
  const fault = faultOf(error);
  return fault.type === 'evicted' ? { ...fault, type: 'refused' } : fault;
};
