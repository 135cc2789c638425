import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareVersions, judgeVersion, refusalOfVerdict } from '../../src/nodes/version-floor.ts';

const number = fc.integer({ min: 0, max: 99_999 });

describe('the version floor', () => {
  it.each(['0.0', '1.0', '99.99'])('[RN-01] none admits %s to read and write', (version) => {
    expect(judgeVersion(version, null)).toEqual({ type: 'read-write' });
  });

  it.each([
    ['1.4', '1.4'],
    ['1.5', '1.4'],
    ['2.0', '1.4'],
  ])('[RN-02] %s is not below %s', (version, floor) => {
    expect(judgeVersion(version, floor)).toEqual({ type: 'read-write' });
  });

  it('[RN-03] [RN-04] below it a node may read; what it is told names its version and what is accepted', () => {
    const verdict = judgeVersion('1.3', '1.4');
    expect(verdict).toEqual({ type: 'read-only', attempted: '1.3', floor: '1.4' });
    expect(refusalOfVerdict(verdict)).toMatchObject({
      code: 'VERSION_FLOOR_EXCEEDED',
      details: { attemptedVersion: '1.3', acceptedRange: { min: '1.4', max: null } },
    });
  });

  it.each([
    ['1.9', '1.10'],
    ['2.0', '10.0'],
    ['9.99', '10.0'],
  ])('[RN-05] compares numbers: %s is below %s', (version, floor) => {
    expect(judgeVersion(version, floor).type).toBe('read-only');
    expect(judgeVersion(floor, version).type).toBe('read-write');
  });

  it('[RN-05] orders every two versions as their pairs of numbers', () => {
    fc.assert(
      fc.property(number, number, number, number, (a, b, c, d) => {
        const order = compareVersions(`${a}.${b}`, `${c}.${d}`) ?? Number.NaN;
        expect(Math.sign(order)).toBe(Math.sign(a === c ? b - d : a - c));
      }),
    );
  });

  it.each(['', '1', 'v1.0', '1.2.3', '01.2', '1.x', 'NaN.NaN', '1.4 '])(
    '[RN-07] a stored floor %j lets nobody write',
    (floor) => {
      const verdict = judgeVersion('99.99', floor);
      expect(verdict).toEqual({ type: 'malformed-floor', floor });
      expect(refusalOfVerdict(verdict)).toMatchObject({ code: 'INTERNAL_ERROR' });
      expect(refusalOfVerdict(verdict)?.message).not.toContain(floor === '' ? '\0' : floor);
    },
  );

  it('a version that cannot be read counts as the lowest', () => {
    expect(judgeVersion('latest', '0.1').type).toBe('read-only');
  });
});
