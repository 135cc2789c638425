import { type Refusal, refusal } from '@baton/schema/errors';
import { ClientVersion } from '@baton/schema/protocol';

/**
 * What a node of some version may do in an event with some floor. Never stored: the floor may rise while the node
 * is attached, so it is asked anew at each write.
 */
export type VersionVerdict =
  | { readonly type: 'read-write' }
  | { readonly type: 'read-only'; readonly attempted: string; readonly floor: string }
  /** What is stored is no version: nobody is let in on it, and somebody must hear of it. */
  | { readonly type: 'malformed-floor'; readonly floor: string };

interface Version {
  readonly major: number;
  readonly minor: number;
}

const parseVersion = (text: string): Version | null => {
  if (!ClientVersion.safeParse(text).success) return null;
  const [major = 0, minor = 0] = text.split('.').map(Number);
  return { major, minor };
};

/** Below 0, 0, above 0; MAJOR.MINOR as numbers, so 1.10 is above 1.9. Null: one of them is no version. */
export const compareVersions = (a: string, b: string): number | null => {
  const [left, right] = [parseVersion(a), parseVersion(b)];
  if (left === null || right === null) return null;
  return left.major - right.major || left.minor - right.minor;
};

/** @param floor of the event, as stored; null admits every version */
export const judgeVersion = (clientVersion: string, floor: string | null): VersionVerdict => {
  if (floor === null) return { type: 'read-write' };
  if (parseVersion(floor) === null) return { type: 'malformed-floor', floor };
  const order = compareVersions(clientVersion, floor);
  // a version that cannot be read counts as the lowest
  return order !== null && order >= 0 ? { type: 'read-write' } : { type: 'read-only', attempted: clientVersion, floor };
};

/** A verdict as the writer is told; null when it may write. */
export const refusalOfVerdict = (verdict: VersionVerdict): Refusal | null => {
  switch (verdict.type) {
    case 'read-write':
      return null;
    case 'read-only':
      return refusal(
        'VERSION_FLOOR_EXCEEDED',
        `version ${verdict.attempted} may read, not write: the event expects ${verdict.floor} or later; update this node`,
        { attemptedVersion: verdict.attempted, acceptedRange: { min: verdict.floor, max: null } },
      );
    case 'malformed-floor':
      return refusal(
        'INTERNAL_ERROR',
        'the event’s stored version floor is no MAJOR.MINOR, so nothing is taken: an operator must set it again',
      );
  }
};
