import { describe, expect, it } from 'vitest';
import { parseDownFrame } from '../../src/connection/down-frame.ts';

const applied = (warnings: readonly unknown[]): string =>
  JSON.stringify({ type: 'applied', selection: { mode: 'manual', streams: [] }, targets: [], warnings });

describe('frames of a later relay', () => {
  it('[P26] a warning that is not known here is left out, and the selection still holds', () => {
    const known = { type: 'unknown-stream', streamId: 'gate.mat', message: 'there is no such stream', since: 3 };
    expect(parseDownFrame(applied([known, { type: 'too-windy', message: 'hold on' }, 7]))).toMatchObject({
      type: 'message',
      message: { type: 'applied', warnings: [{ type: 'unknown-stream', streamId: 'gate.mat' }] },
    });
  });

  it('[P16] a known warning of the wrong shape is no reason to trust the rest', () => {
    expect(parseDownFrame(applied([{ type: 'unknown-stream', message: 1 }]))).toMatchObject({ type: 'malformed' });
  });

  it('[P26] an unknown kind of binary frame is no defect, a cut one is', () => {
    expect(parseDownFrame(Uint8Array.of(7, 1, 2))).toEqual({ type: 'unknown', messageType: 'unknown frame kind 7' });
    expect(parseDownFrame(Uint8Array.of(2, 1))).toMatchObject({ type: 'malformed' });
    expect(parseDownFrame(new Uint8Array())).toMatchObject({ type: 'malformed' });
  });
});
